import { choice, closed, nonNegative, type TypeOf } from "@twinview/config";
import { adamw, clippedBy, lamb, larc, lars, larsClassic, sgd, type Transform } from "@twinview/optim";
import { clipCodec, clipOf } from "./clip.ts";

/** Every optimizer of the configuration reads the learning rate and the weight decay of the step. */
export type Optimizer = Transform<unknown, "lr" | "wd">;

const optimizers = {
  /** MoCo v3 on ViT: every parameter decays. */
  adamw: () => adamw() as unknown as Optimizer,
  /** LARS on AdamW: arXiv 2104.02057, section 4.1. */
  lamb: () => lamb() as unknown as Optimizer,
  sgd: () => sgd() as unknown as Optimizer,
  /** LARS of MoCo v3 and BYOL: the rate after the momentum. */
  lars: () => lars() as unknown as Optimizer,
  /** LARS of SimCLR: the rate inside the momentum. */
  "lars-classic": () => larsClassic() as unknown as Optimizer,
  /** LARC of SwAV: every parameter, decay inside. */
  larc: () => larc() as unknown as Optimizer,
} as const;

const kinds = Object.keys(optimizers) as (keyof typeof optimizers)[];

/** Learning rate = baseRate x batch / 256, after a linear warm-up, by half a cosine to 0. */
export const optimizerCodec = closed(
  "optimizer",
  {
    kind: choice(kinds),
    baseRate: nonNegative,
    weightDecay: nonNegative,
    warmupEpochs: nonNegative,
  },
  /** How gradients are clipped before the optimizer sees them; not at all when absent. */
  { clip: clipCodec },
);
export type OptimizerConfig = TypeOf<typeof optimizerCodec>;

/**
 * The optimizer of a configuration, gradients clipped first where it asks for that.
 * @throws ShapeError if a limit of the clipping is not above 0.
 */
export const optimizerOf = ({ kind, clip }: OptimizerConfig): Optimizer => {
  const optimizer = optimizers[kind]();
  const limit = clip === undefined ? undefined : clipOf(clip);
  return limit === undefined ? optimizer : clippedBy(limit, optimizer);
};
