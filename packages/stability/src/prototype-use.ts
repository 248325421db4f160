import { add, checkShape, log, mean, mul, neg, type Scalar, sum, type Tensor } from "@twinview/core";

/** What a batch makes of its prototypes; both numbers in 0..1, as shares of log K. */
export interface PrototypeUse {
  /** Entropy of the mean assignment: 1 when all K prototypes are used equally, 0 when all images go to one. */
  readonly prototypeEntropy: Scalar;
  /** Mean entropy of an image's assignment: 0 when it is decided, 1 when all prototypes are alike to it (SwAV stuck at log K). */
  readonly assignmentEntropy: Scalar;
}

const entropy = (p: Tensor): Tensor => neg(sum(mul(p, log(add(p, 1e-30))), { axes: [p.shape.length - 1] }));

/**
 * How a batch uses its prototypes. Their difference is the information that an assignment has about its image: both ways to
 * collapse, all images alike and all prototypes alike, bring it to 0. Shapes: `assignments [B, K]`, rows of sum 1, K at least 2.
 */
export const prototypeUse = (assignments: Tensor): PrototypeUse => {
  checkShape("prototypeUse", "assignments", assignments.shape, [null, null]);
  const share = 1 / Math.log(assignments.shape[1] as number);
  return {
    prototypeEntropy: mul(entropy(mean(assignments, { axes: [0] })), share),
    assignmentEntropy: mul(mean(entropy(assignments)), share),
  };
};
