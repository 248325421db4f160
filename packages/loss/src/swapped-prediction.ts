import { add, checkOption, checkShape, logSumExp, mul, type Scalar, sub, sum, type Tensor } from "@twinview/core";

export interface SwappedPredictionOptions {
  /** Scores of each crop against the prototypes, `[B, K]` each. */
  readonly scores: readonly Tensor[];
  /** Codes of the first crops, `[B, K]` each, rows of sum 1: codes[a] belongs to the crop of scores[a]. */
  readonly codes: readonly Tensor[];
  readonly tau: number;
}

const check = ({ scores, codes, tau }: SwappedPredictionOptions): void => {
  checkOption("swappedPrediction", "scores.length", scores.length, scores.length >= 2, "at least two crops");
  const some = codes.length >= 1 && codes.length <= scores.length;
  checkOption("swappedPrediction", "codes.length", codes.length, some, `1 to ${scores.length}, one for each of the first crops`);
  checkOption("swappedPrediction", "tau", tau, tau > 0, "a temperature above 0");
  const shape = scores[0]?.shape as readonly number[];
  checkShape("swappedPrediction", "scores[0]", shape, [null, null]);
  for (const [v, x] of scores.entries()) checkShape("swappedPrediction", `scores[${v}]`, x.shape, shape);
  for (const [a, q] of codes.entries()) checkShape("swappedPrediction", `codes[${a}]`, q.shape, shape);
};

/**
 * SwAV's swapped prediction: every crop predicts the codes of the other crops that have some.
 *
 *     L = mean_a mean_{v != a} mean_b -sum_k codes[a]_bk log softmax_k(scores[v]_b / tau)
 *
 * a runs over the crops with codes, v over all crops but a. A crop's cross-entropies share one softmax: they are computed once,
 * against the sum of the codes it has to predict.
 * @throws ShapeError if there are fewer than two crops, no codes, or shapes differ.
 * @see Caron et al., SwAV, arXiv 2006.09882, equations 1, 2 and 6.
 */
export const swappedPrediction = (options: SwappedPredictionOptions): Scalar => {
  check(options);
  const { scores, codes, tau } = options;
  const batch = scores[0]?.shape[0] as number;
  const terms = scores.flatMap((logits, v): Scalar[] => {
    const wanted = codes.filter((_, a) => a !== v);
    const [first, ...more] = wanted;
    if (first === undefined) return [];
    const target = more.reduce((total, q) => add(total, q), first); // [B, K], rows of sum wanted.length
    const scaled = mul(logits, 1 / tau);
    return [sub(mul(sum(logSumExp(scaled)), wanted.length), sum(mul(target, scaled)))];
  });
  const total = terms.reduce((a, b) => add(a, b));
  return mul(total, 1 / (codes.length * (scores.length - 1) * batch));
};
