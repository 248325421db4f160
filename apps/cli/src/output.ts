import { printable } from "@twinview/config";
import { percentText as percent } from "@twinview/report";
import { duration, progressLine, type RunEvent } from "@twinview/train";

/** Where a command writes: standard output and error, as functions so that tests can listen. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Empties the line that is being written; absent where lines cannot be overwritten. */
  readonly clearLine?: () => void;
}

/** The terminal with what comes from outside made visible: no name of a file, a class or a run moves the cursor or changes colours. */
export const guarded = ({ out, error, ...rest }: Terminal): Terminal => ({
  out: (text) => out(printable(text)),
  error: (text) => error(printable(text)),
  ...rest,
});

const top1Text = (top1: Readonly<Record<string, number>>): string =>
  Object.entries(top1)
    .map(([k, x]) => `${percent(x)} (k ${k})`)
    .join(", ");

type Event<K extends RunEvent["kind"]> = Extract<RunEvent, { readonly kind: K }>;

const spikeText = ({ step, layer, ratio, layers }: Event<"spike">): string =>
  `${layer === "loss" ? "loss" : "gradient"} spike at step ${step + 1}: ${layer} at ${ratio.toFixed(1)}x its median${layers > 1 ? ` (and ${layers - 1} more)` : ""}`;

const dipText = ({ step, since, from, to, spike }: Event<"dip">): string => {
  const cause =
    spike === null ? "no gradient spiked" : `the gradient of ${spike.layer} spiked ${spike.ratio.toFixed(1)}x at step ${spike.step + 1}`;
  return `kNN fell from ${percent(from)} to ${percent(to)} at step ${step}; since step ${since} ${cause}`;
};

const collapseText = ({ step, since, metric, value, floor }: Event<"collapse">): string =>
  `collapse at step ${step + 1}: ${metric} is ${value.toFixed(3)}, below ${floor} since step ${since + 1}; images look alike to the encoder`;

const nonFiniteText = ({ step, from, tensors, action = "stop", flight }: Event<"non-finite">): string => {
  const done = { stop: "training stops", skip: "left out", "roll-back": `back to step ${step}, with other batches` }[action];
  const recorded = flight === null ? "" : `; recorded in ${flight}`;
  return `step ${(from ?? step) + 1} is not finite (${tensors.slice(0, 3).join(", ")}${tensors.length > 3 ? ", .." : ""}): ${done}${recorded}`;
};

/** Shows a run's events: one live line on a terminal, plain lines elsewhere, JSON lines for programs. */
export const eventPrinter = (terminal: Terminal, { json }: { readonly json: boolean }): ((event: RunEvent) => void) => {
  if (json) return (event) => terminal.out(`${JSON.stringify(event)}\n`);
  let live = false;
  let lastPlain = Number.NEGATIVE_INFINITY;
  const line = (text: string): void => {
    if (live) terminal.clearLine?.();
    terminal.out(`${text.replaceAll("\n", "\\n")}\n`); // a name with a line end cannot forge a line
    live = false;
  };
  return (event) => {
    switch (event.kind) {
      case "note":
        return line(event.text);
      case "warning":
        return line(`warning: ${event.text}`);
      case "baseline":
        return line(
          event.raw === null || event.random === null
            ? "no labels: neighbours will be shown, not scored"
            : `kNN of raw pixels ${top1Text(event.raw)}; of the untrained encoder ${top1Text(event.random)}`,
        );
      case "step": {
        if (terminal.clearLine !== undefined) {
          terminal.clearLine();
          terminal.out(progressLine(event));
          live = true;
          return;
        }
        const now = performance.now();
        if (now - lastPlain < 5000 && event.step > 0 && event.step + 1 < event.steps) return;
        lastPlain = now;
        return line(progressLine(event));
      }
      case "knn":
        return line(`epoch ${event.epoch.toFixed(2)}: kNN ${top1Text(event.top1)}`);
      case "spike":
        return event.goesOn ? undefined : line(`warning: ${spikeText(event)}`);
      case "dip":
        return line(`warning: ${dipText(event)}`);
      case "collapse":
        return line(`warning: ${collapseText(event)}`);
      case "recovery":
        return line(
          `the collapse of step ${event.since + 1} is over at step ${event.step + 1}: ${event.metric} is ${event.value.toFixed(3)}`,
        );
      case "non-finite":
        return line(`warning: ${nonFiniteText(event)}`);
      case "checkpoint":
        return line(`checkpoint at step ${event.step} (${event.seconds.toFixed(1)}s)`);
      case "done": {
        const { knn, seconds } = event.summary;
        line(`trained for ${duration(seconds)}`);
        if (knn !== null)
          line(`kNN (k ${knn.k}): raw pixels ${percent(knn.raw)}, untrained ${percent(knn.random)}, trained ${percent(knn.trained)}`);
        return line(`report: ${event.runDir}/report.html`);
      }
    }
  };
};
