import { type History, historyOf, type MetricRecord, readMetrics, runPaths, type Summary, weightEnds } from "@twinview/report";
import { spikesOf } from "@twinview/stability";
import { recordedEnvironment } from "@twinview/train";
import { machineText } from "./machine.ts";
import type { GradientCurves, KnnCurve, MeasuredCell } from "./measured-cell.ts";

/** The k of all numbers of a study. */
const k = "20";

const curveOf = ({ baseline, knn: evaluations }: History): KnnCurve => {
  const start = baseline?.random?.[k];
  const points = evaluations.flatMap(({ encoder, epoch, top1 }) => {
    const knn = top1[k];
    return encoder === "online" && knn !== undefined ? [{ epoch, knn }] : [];
  });
  const whole = start === undefined ? points : [{ epoch: 0, knn: start }, ...points];
  return { epoch: whole.map((point) => point.epoch), knn: whole.map((point) => point.knn) };
};

const gradientsOf = ({ steps, layers }: History): GradientCurves | undefined => {
  const [first, last] = weightEnds([...layers.keys()]);
  if (first === undefined || last === undefined) return undefined;
  const norms = (layer: string) => ({ layer, norms: layers.get(layer) ?? [] });
  return { steps, first: norms(first), last: norms(last) };
};

const gradientSpikes = ({ steps, layers }: History): MeasuredCell["spikes"] => {
  const norms = (i: number) => Object.fromEntries([...layers].map(([layer, values]) => [layer, values[i] as number]));
  return spikesOf(steps.map((step, i) => ({ step: step - 1, norms: norms(i) })));
};

interface RunFacts {
  readonly seed: number;
  readonly summary: Summary | undefined;
  readonly seconds: number;
}

/** The numbers of a study's run from its records and, where it came to its end, its summary. */
export const measuredCell = (
  records: readonly MetricRecord[],
  { seed, summary, seconds, machine }: RunFacts & { readonly machine: string },
): MeasuredCell => {
  const history = historyOf(records);
  const curve = curveOf(history);
  const untrained = curve.knn[0] ?? Number.NaN;
  return {
    seed,
    knn: summary?.knn?.trained ?? curve.knn.at(-1) ?? Number.NaN,
    untrained: summary?.knn?.random ?? untrained,
    raw: summary?.knn?.raw ?? history.baseline?.raw?.[k] ?? Number.NaN,
    finished: summary !== undefined,
    curve,
    spikes: gradientSpikes(history),
    dips: history.dips.length,
    gradients: gradientsOf(history),
    steps: history.steps.length,
    seconds,
    machine,
  };
};

/** Reads the records of a run's folder and measures it. */
export const measureRun = async (runDir: string, run: RunFacts): Promise<MeasuredCell> =>
  measuredCell(await readMetrics(runPaths(runDir).metrics), { ...run, machine: machineText(await recordedEnvironment(runDir)) });
