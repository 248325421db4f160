import { fold, type HostArray, hostArray, permutation, type Rng } from "@twinview/core";
import type { Engine, Session } from "@twinview/engine";
import { type ProbeSetting, type ProbeSizes, probeScore, probeState, probeStep } from "./probe-programs.ts";
import { type LabelledRows, type Rows, rowsAt } from "./rows.ts";

/** Weights of one linear classifier: `w [D, C]` row by row, `b [C]`. */
export interface Classifier {
  readonly w: Float32Array;
  readonly b: Float32Array;
}

/** One setting after a sweep: how it did on held-out features, and its weights at the end and where it did best. */
export interface SweptSetting extends ProbeSetting {
  /** Accuracy in 0..1 and mean cross-entropy, after the last epoch. */
  readonly last: { readonly accuracy: number; readonly loss: number; readonly classifier: Classifier };
  readonly best: { readonly accuracy: number; readonly loss: number; readonly classifier: Classifier; readonly epoch: number };
}

export interface SweepOptions {
  readonly engine: Engine;
  readonly settings: readonly ProbeSetting[];
  /** Training features of an epoch; the same each time unless they are augmented. */
  readonly fit: { readonly features: (epoch: number) => Rows | Promise<Rows>; readonly labels: Int32Array };
  readonly heldOut: LabelledRows;
  readonly classes: number;
  readonly epochs: number;
  readonly batch: number;
  readonly momentum: number;
  /** Epochs between two looks at the held-out features. */
  readonly every: number;
  readonly rng: Rng;
  readonly threads?: number | undefined;
}

/** Rows of `[count, classes]` with a 1 at the class; rows without a label stay zero. */
export const oneHot = (labels: ArrayLike<number>, count: number, classes: number): HostArray => {
  const data = new Float32Array(count * classes);
  for (let i = 0; i < labels.length; i++) data[i * classes + (labels[i] as number)] = 1;
  return hostArray(data, [count, classes]);
};

/** Rows `[start, start + count)` as an engine's input, filled up with zeros. */
export const batchOf = ({ rows, width, data }: Rows, start: number, count: number): HostArray => {
  const x = new Float32Array(count * width);
  x.set(data.subarray(start * width, Math.min(rows, start + count) * width));
  return hostArray(x, [count, width]);
};

type Sweep = Session<"step" | "score">;

const scoresOn = async (session: Sweep, { features, labels }: LabelledRows, settings: number, { batch, classes }: ProbeSizes) => {
  const right = new Float64Array(settings);
  const loss = new Float64Array(settings);
  for (let start = 0; start < features.rows; start += batch) {
    const targets = oneHot(labels.subarray(start, start + batch), batch, classes);
    const { outputs } = await session.run("score", { x: batchOf(features, start, batch), targets });
    for (let s = 0; s < settings; s++) {
      right[s] = (right[s] as number) + (outputs.right?.data[s] as number);
      loss[s] = (loss[s] as number) + (outputs.loss?.data[s] as number);
    }
  }
  return Array.from(right, (count, s) => ({ accuracy: count / features.rows, loss: (loss[s] as number) / features.rows }));
};

const classifierAt = (state: { readonly w: HostArray; readonly b: HostArray }, setting: number, classes: number): Classifier => {
  const [width, columns] = state.w.shape as readonly [number, number];
  const w = new Float32Array(width * classes);
  for (let row = 0; row < width; row++) {
    const from = row * columns + setting * classes;
    w.set((state.w.data as Float32Array).subarray(from, from + classes), row * classes);
  }
  return { w, b: (state.b.data as Float32Array).slice(setting * classes, (setting + 1) * classes) };
};

/** Half a cosine from 1 to 0 over all steps. */
const cosineFactor = (step: number, steps: number): number => (1 + Math.cos((Math.PI * step) / steps)) / 2;

/** Trains all settings together on the same batches, and keeps the weights of each at its best on held-out features and at the end. */
export const sweep = async (options: SweepOptions): Promise<readonly SweptSetting[]> => {
  const { engine, settings, fit, heldOut, classes, epochs, momentum, every, rng, threads } = options;
  const { width } = heldOut.features;
  const batch = Math.min(options.batch, fit.labels.length);
  const sizes = { width, classes, batch };
  const session: Sweep = await engine.open({
    state: probeState(settings.length, sizes),
    programs: { step: probeStep(settings, sizes, { momentum }), score: probeScore(settings.length, sizes) },
    threads,
  });
  const stepsPerEpoch = Math.floor(fit.labels.length / batch);
  const swept: (SweptSetting | undefined)[] = settings.map(() => undefined);
  const look = async (epoch: number): Promise<void> => {
    const scores = await scoresOn(session, heldOut, settings.length, sizes);
    const state = (await session.read()) as { readonly w: HostArray; readonly b: HostArray };
    for (const [s, setting] of settings.entries()) {
      const before = swept[s];
      const now = { ...(scores[s] as { accuracy: number; loss: number }), classifier: classifierAt(state, s, classes) };
      const better = before === undefined || now.accuracy > before.best.accuracy;
      swept[s] = { ...setting, last: now, best: better ? { ...now, epoch } : before.best };
    }
  };
  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      const features = await fit.features(epoch);
      const order = permutation(fold(rng, epoch), fit.labels.length);
      for (let step = 0; step < stepsPerEpoch; step++) {
        const indices = order.subarray(step * batch, (step + 1) * batch);
        const schedule = cosineFactor(epoch * stepsPerEpoch + step, epochs * stepsPerEpoch);
        const labels = Int32Array.from(indices, (i) => fit.labels[i] as number);
        await session.run("step", {
          x: batchOf(rowsAt(features, indices), 0, batch),
          targets: oneHot(labels, batch, classes),
          schedule: hostArray([schedule], []),
        });
      }
      if ((epoch + 1) % every === 0 || epoch + 1 === epochs) await look(epoch + 1);
    }
  } finally {
    await session.close();
  }
  return swept as readonly SweptSetting[];
};
