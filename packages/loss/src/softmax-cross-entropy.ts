import { checkShape, logSumExp, mean, mul, type Scalar, sub, sum, type Tensor } from "@twinview/core";

/**
 * The cross-entropy of a softmax against target distributions, averaged over the rows:
 *
 *     L = mean_n( (sum_c t_nc) log sum_c exp(x_nc) - sum_c t_nc x_nc )
 *
 * which is `-sum_c t_nc log softmax(x_n)_c`. Shapes: `logits [N, C]`, `targets [N, C]`, no gradient asked of the targets. Targets
 * may be soft (label smoothing, mixed images); a row of zeros counts as a row with loss 0.
 * @throws ShapeError if the shapes differ.
 */
export const softmaxCrossEntropy = (logits: Tensor, targets: Tensor): Scalar => {
  checkShape("softmaxCrossEntropy", "logits", logits.shape, [null, null]);
  checkShape("softmaxCrossEntropy", "targets", targets.shape, logits.shape);
  const mass = sum(targets, { axes: [1] }); // [N]
  return mean(sub(mul(logSumExp(logits), mass), sum(mul(logits, targets), { axes: [1] })));
};
