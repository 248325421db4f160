import { onnxEngine } from "@twinview/engine";
import { jsonText } from "@twinview/report";
import { type App, type Replay, type Replayed, replay } from "@twinview/train";
import { engineNamed } from "../engines.ts";
import type { Terminal } from "../output.ts";

/** Lines shown of a list that may be long. */
const most = 12;

const listed = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0
    ? []
    : [title, ...lines.slice(0, most).map((line) => `  ${line}`), ...(lines.length > most ? [`  and ${lines.length - most} more`] : [])];

const numberLine = (name: string, { again }: Replayed): string =>
  `${name}  ${again === undefined ? "not reached" : again}${again === undefined || Number.isFinite(again) ? "" : "  <- not finite"}`;

/** Numbers of a kind without the name of the kind: those that are not finite where `bad`, else all. */
const numbersUnder = ({ numbers }: Replay, prefix: string, bad: boolean): readonly string[] =>
  numbers
    .filter(({ name, again }) => name.startsWith(prefix) && !(bad && Number.isFinite(again)))
    .map((each) => numberLine(each.name.slice(prefix.length), each));

/** The gradients in a line where all of them are finite. */
const gradientLine = ({ numbers }: Replay): readonly string[] => {
  const norms = numbers.filter(({ name, again }) => name.startsWith("gradientNorm/") && again !== undefined);
  if (norms.length === 0) return ["gradient norms  not reached"];
  if (!norms.every(({ again }) => Number.isFinite(again))) return [];
  const largest = norms.reduce((a, b) => ((b.again as number) > (a.again as number) ? b : a));
  return [`gradient norms  all ${norms.length} finite, the largest ${largest.again} in ${largest.name.slice("gradientNorm/".length)}`];
};

const placeLines = ({ places }: Replay): readonly string[] => {
  const lines = places.map(({ path, op, shape, program }) => {
    const where = op === "input" ? path : `${path === "" ? "(no layer)" : path}: ${op}`;
    return `${where} [${shape.join(", ")}]${program === "step" ? "" : ` in ${program}`}`;
  });
  return [...new Set(lines)];
};

const textOf = (found: Replay): readonly string[] => {
  const { facts, method, numbers, identical, elsewhere, badState } = found;
  const loss = numbers.find(({ name }) => name === "loss");
  const differ = numbers.filter(({ recorded, again }) => !Object.is(recorded, again));
  const hyper = Object.entries(facts.hyper).map(([name, value]) => `${name} ${value}`);
  const healthy = numbers.every(({ again }) => Number.isFinite(again));
  return [
    `${method}, step ${facts.step + 1}, on engine ${facts.engine} with ${facts.threads} ${facts.threads === 1 ? "thread" : "threads"}: ${hyper.join(", ")}`,
    numberLine("loss", loss ?? { name: "loss", recorded: undefined, again: undefined }),
    ...listed("activations, standard deviation by layer", numbersUnder(found, "activation/", false)),
    ...gradientLine(found),
    ...listed("gradient norms that are not finite, in the order of the network", numbersUnder(found, "gradientNorm/", true)),
    ...listed("update-to-weight ratios that are not finite", numbersUnder(found, "updateRatio/", true)),
    ...listed("not finite in the state before the step", badState),
    ...listed("first values that are not finite, in the order of the computation", placeLines(found)),
    ...(healthy ? ["all numbers are finite this time"] : []),
    identical
      ? `identical: all ${numbers.length} numbers have the bits that were recorded`
      : `not identical: ${differ.length} of ${numbers.length} numbers differ from those recorded, ${differ[0]?.name} first (${differ[0]?.recorded} -> ${differ[0]?.again})`,
    ...listed("the machine is not the one that recorded it", elsewhere),
  ];
};

/** `twinview replay`: a step that was not finite, computed again. The exit code is 1 where its numbers are not those recorded. */
export const replayCommand = async (
  terminal: Terminal,
  apps: Readonly<Record<string, App>>,
  path: string,
  { json }: { readonly json: boolean },
): Promise<number> => {
  const found = await replay({ path, apps, engineOf: engineNamed, inspector: onnxEngine() });
  terminal.out(
    json
      ? `${jsonText(found)}\n`
      : textOf(found)
          .map((line) => `${line}\n`)
          .join(""),
  );
  return found.identical ? 0 : 1;
};
