/** A MoCo v3 step on a ViT: what a step case measures, and what its peer is told. */
export interface StepConfig {
  /** Width of the encoder. */
  readonly dim: number;
  /** Number of blocks; their MLPs are 4 dim wide. */
  readonly depth: number;
  readonly heads: number;
  /** Side of a patch and of the image, in pixels. */
  readonly patch: number;
  readonly size: number;
  /** Images a step; each is seen in two views. */
  readonly batch: number;
  /** Width of the hidden layers of projector (3 layers) and predictor (2 layers), and of their output. */
  readonly hidden: number;
  readonly out: number;
}

/**
 * Floating-point operations of the matrix products of one step as the recipe has them, 2 M N K each, whatever an engine leaves out.
 *
 *     N = (size / patch)^2   T = N + 1
 *     block     = 24 T D^2 + 4 T^2 D          qkv, out, two MLP layers; scores and mixing
 *     heads     = 2 (D H + H H + H O) + 2 (O H + H O)
 *     view      = 3 (depth * block + heads) + 2 * patches        online: forward, and twice as much backward
 *               + depth * block + projector + patches            target: forward
 *     step      = 2 batch * view + 2 directions * 2 * 2 batch^2 O
 *
 * The patch projection has no gradient towards the image, and the keys have none, so that InfoNCE goes back once.
 */
export const stepFlops = ({ dim, depth, patch, size, batch, hidden, out }: StepConfig): number => {
  const patches = (size / patch) ** 2;
  const tokens = patches + 1;
  const embed = 2 * patches * patch * patch * 3 * dim;
  const blocks = depth * (24 * tokens * dim * dim + 4 * tokens * tokens * dim);
  const projector = 2 * (dim * hidden + hidden * hidden + hidden * out);
  const predictor = 2 * (out * hidden + hidden * out);
  const online = 3 * (blocks + projector + predictor) + 2 * embed;
  const target = blocks + projector + embed;
  return 2 * batch * (online + target) + 8 * batch * batch * out;
};
