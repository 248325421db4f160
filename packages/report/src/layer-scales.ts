import { curveCard, stepAxis } from "./curve-card.ts";
import type { History } from "./history.ts";
import type { Series } from "./line-chart.ts";
import { html, type Markup } from "./markup.ts";
import type { Tone } from "./tone.ts";

const tones = [2, 1, 3, 4, 5, 6] as const satisfies readonly Tone[];

/** At most as many layers as there are colours, evenly over the depth, ends included. */
export const someOf = (names: readonly string[]): readonly string[] => {
  const count = Math.min(names.length, tones.length);
  const places = Array.from({ length: count }, (_, i) => Math.round((i * (names.length - 1)) / Math.max(1, count - 1)));
  return places.map((place) => names[place] as string);
};

const card = (
  title: string,
  what: string,
  curves: ReadonlyMap<string, readonly number[]>,
  steps: readonly number[],
  note: string,
): Markup => {
  const series = someOf([...curves.keys()]).map(
    (name, i): Series => ({ name, tone: tones[i] as Tone, look: "fine", x: steps, y: curves.get(name) ?? [] }),
  );
  return curveCard(title, { series, x: stepAxis, y: { label: what, scale: "log" }, label: `${title} by step` }, note);
};

/** How large updates and activations are in a few layers from the first to the last; nothing where they were not recorded. */
export const layerScales = ({ steps, updateRatios, activations }: History): Markup => {
  const updates =
    updateRatios.size === 0
      ? undefined
      : card(
          "Update over weight",
          "ratio",
          updateRatios,
          steps,
          "How far a step moves a weight matrix, over its norm. Near 0.001 is usual; near 0.1 a few steps rewrite it.",
        );
  const outputs =
    activations.size === 0
      ? undefined
      : card(
          "Scale of the layers' outputs",
          "deviation",
          activations,
          steps,
          "Growth from step to step that does not end is the beginning of a divergence.",
        );
  return html`${updates}${outputs}`;
};
