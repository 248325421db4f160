import {
  add,
  constant,
  full,
  type HostTree,
  hostArray,
  linear,
  logSumExp,
  matMul,
  max,
  mul,
  ones,
  reshape,
  sizeOf,
  softmax,
  sub,
  sum,
  type Tensor,
  type Tree,
  topK,
  where,
  zeros,
} from "@twinview/core";
import type { Program } from "@twinview/engine";

/** A learning rate and a weight decay of a linear classifier. */
export interface ProbeSetting {
  readonly lr: number;
  readonly wd: number;
}

/** Sizes of a sweep: features `[batch, width]`, logits `[batch, settings classes]`. */
export interface ProbeSizes {
  readonly width: number;
  readonly classes: number;
  readonly batch: number;
}

interface ProbeState {
  readonly [name: string]: Tensor;
  /** `[width, settings classes]`: the classifiers side by side, so that one product serves them all. */
  readonly w: Tensor;
  readonly b: Tensor;
  readonly velocityW: Tensor;
  readonly velocityB: Tensor;
}

/** The state that all classifiers start from: zeros. */
export const probeState = (settings: number, { width, classes }: ProbeSizes): HostTree => {
  const columns = settings * classes;
  const zero = (...shape: readonly number[]) => hostArray(new Float32Array(sizeOf(shape)), shape);
  return { w: zero(width, columns), b: zero(columns), velocityW: zero(width, columns), velocityB: zero(columns) };
};

/** One number a setting, repeated for each of its columns: `[settings classes]`. */
const perColumn = (values: readonly number[], classes: number): Tensor =>
  constant(
    Float32Array.from({ length: values.length * classes }, (_, column) => values[Math.floor(column / classes)] as number),
    [values.length * classes],
  );

/**
 * One step of all classifiers: SGD with momentum on the mean cross-entropy of each,
 *
 *     g = x^T (softmax(x w + b) - t) / B,   v = m v + g + wd w,   w = w - schedule lr v     (biases do not decay)
 *
 * Inputs: `x [B, D]`, `targets [B, C]`, `schedule []`, a factor on every rate. The gradient is written out, because two passes over
 * the logits of all settings are a third of what the chain rule takes. There are no scalar outputs: a setting whose rate is too large
 * may leave the finite numbers without stopping the others.
 */
export const probeStep = (settings: readonly ProbeSetting[], sizes: ProbeSizes, { momentum }: { readonly momentum: number }): Program => {
  const { width, classes, batch } = sizes;
  const columns = settings.length * classes;
  return {
    inputs: {
      x: { shape: [batch, width], dtype: "float32" },
      targets: { shape: [batch, classes], dtype: "float32" },
      schedule: { shape: [], dtype: "float32" },
    },
    run: ({ state, inputs }) => {
      const { w, b, velocityW, velocityB } = state as unknown as ProbeState;
      const x = inputs.x as Tensor;
      const probabilities = softmax(reshape(linear(x, w, b), [batch, settings.length, classes]));
      const excess = reshape(sub(probabilities, reshape(inputs.targets as Tensor, [batch, 1, classes])), [batch, columns]);
      const factors = (of: (setting: ProbeSetting) => number): Tensor => perColumn(settings.map(of), classes);
      const rates = mul(
        factors(({ lr }) => lr),
        inputs.schedule as Tensor,
      );
      const nextW = add(
        add(mul(velocityW, momentum), matMul(x, excess, { transposeA: true, alpha: 1 / batch })),
        mul(
          w,
          factors(({ wd }) => wd),
        ),
      );
      const gradientB = reshape(matMul(full([1, batch], 1 / batch), excess), [columns]);
      const nextB = add(mul(velocityB, momentum), gradientB);
      const after: ProbeState = { w: sub(w, mul(nextW, rates)), b: sub(b, mul(nextB, rates)), velocityW: nextW, velocityB: nextB };
      return { state: after as Tree<Tensor>, outputs: {} };
    },
  };
};

/**
 * Counts of right answers and sums of the cross-entropy of each classifier on labelled features: outputs `right [S]`, `loss [S]`.
 * Rows of zero targets count as nothing. An answer is right when the true class's logit is above all others: ties are not.
 */
export const probeScore = (count: number, sizes: ProbeSizes): Program => {
  const { width, classes, batch } = sizes;
  return {
    inputs: { x: { shape: [batch, width], dtype: "float32" }, targets: { shape: [batch, classes], dtype: "float32" } },
    run: ({ state, inputs }) => {
      const { w, b } = state as unknown as ProbeState;
      const logits = reshape(linear(inputs.x as Tensor, w, b), [batch, count, classes]);
      const targets = reshape(inputs.targets as Tensor, [batch, 1, classes]);
      const present = sum(targets, { axes: [2] }); // [B, 1]: 1, or 0 for rows that only fill the batch up
      const own = sum(mul(logits, targets), { axes: [2] }); // [B, S]
      const others = max(sub(logits, mul(targets, 1e30)), { axes: [2] });
      const right = mul(where(sub(own, others), ones([batch, count]), zeros([batch, count])), present);
      const partition = reshape(logSumExp(reshape(logits, [batch * count, classes])), [batch, count]);
      const loss = sub(mul(partition, present), own);
      return { outputs: { right: sum(right, { axes: [0] }), loss: sum(loss, { axes: [0] }) } };
    },
  };
};

/** The class that each classifier gives: output `classes/<i> [B]`. */
export const probePredict = (count: number, { width, classes, batch }: ProbeSizes): Program => ({
  inputs: { x: { shape: [batch, width], dtype: "float32" } },
  run: ({ state, inputs }) => {
    const { w, b } = state as unknown as ProbeState;
    const logits = reshape(linear(inputs.x as Tensor, w, b), [batch * count, classes]);
    return { outputs: { classes: reshape(topK(logits, 1).indices, [batch, count]) } };
  },
});
