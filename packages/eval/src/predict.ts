import { type HostTree, hostArray } from "@twinview/core";
import type { Engine } from "@twinview/engine";
import { probePredict } from "./probe-programs.ts";
import type { Rows } from "./rows.ts";
import { batchOf, type Classifier } from "./sweep.ts";

/** The classes that some classifiers give to features, `[rows]` each. */
export const predict = async (
  { engine, threads, classes }: { readonly engine: Engine; readonly threads?: number | undefined; readonly classes: number },
  classifiers: readonly Classifier[],
  features: Rows,
): Promise<readonly Int32Array[]> => {
  const { rows, width } = features;
  const batch = Math.min(4096, rows);
  const count = classifiers.length;
  const columns = count * classes;
  const w = new Float32Array(width * columns);
  for (const [s, each] of classifiers.entries())
    for (let row = 0; row < width; row++) w.set(each.w.subarray(row * classes, (row + 1) * classes), row * columns + s * classes);
  const b = Float32Array.from({ length: columns }, (_, c) => classifiers[Math.floor(c / classes)]?.b[c % classes] as number);
  const state: HostTree = { w: hostArray(w, [width, columns]), b: hostArray(b, [columns]) };
  const programs = { predict: probePredict(count, { width, classes, batch }) };
  const session = await engine.open({ state, programs, threads });
  const given = classifiers.map(() => new Int32Array(rows));
  try {
    for (let start = 0; start < rows; start += batch) {
      const { outputs } = await session.run("predict", { x: batchOf(features, start, batch) });
      for (let i = 0; i < Math.min(batch, rows - start); i++)
        for (const [s, list] of given.entries()) list[start + i] = outputs.classes?.data[i * count + s] as number;
    }
  } finally {
    await session.close();
  }
  return given;
};

/** The share of right answers, in 0..1. */
export const accuracyOf = (given: Int32Array, labels: Int32Array): number =>
  given.reduce((right, label, i) => right + (label === labels[i] ? 1 : 0), 0) / Math.max(1, labels.length);
