import type { ViewOptions } from "@twinview/augment";
import { concat, constant, type Encoder, type Scalar, slice, type Tensor } from "@twinview/core";
import {
  byol,
  type Encodings,
  type Heads,
  imagenetPixels,
  type Method,
  mocoV3,
  type NeedsTarget,
  normalizePixels,
  simclr,
  swav,
  type TrainingState,
  type TrainingStep,
  trainingStep,
} from "@twinview/methods";
import { sgd, type Transform } from "@twinview/optim";
import { resnet } from "@twinview/resnet";
import { vit } from "@twinview/vit";
import { smallest } from "./modules.ts";

/** One method on a small encoder. */
export interface MethodRow {
  readonly name: string;
  readonly views: readonly ViewOptions[];
  /** Whether views of one size are one batch to an encoder that mixes images. */
  readonly joinsViews: boolean;
  /** The encoder, nothing frozen. */
  readonly encoder: Encoder;
  readonly hasTarget: boolean;
  readonly targetMoves: "before-keys" | "after-update";
  /**
   * Whether the slope of its loss is its gradient: not where codes follow from the same parameters and get no gradient, nor where
   * the ReLUs of a whole encoder bend the loss, whose gradient resnet-methods.test.ts holds to torch's.
   */
  readonly slopes: boolean;
  /** How many times as far as on a ViT rounding may take a step: a batch norm behind every convolution, over a handful of numbers. */
  readonly rounding: number;
  /** The encoder's first layers, which freezing the patch projection keeps still: parts of the paths of parameters. */
  readonly stem: readonly string[];
  /** The scalars a step is fed, learning rate and weight decay apart. */
  readonly hyper: Readonly<Record<string, number>>;
  /** The embeddings that the step's collapse monitors look at, by the method's loss on features encoded view by view. */
  readonly embeddings: (args: {
    readonly state: TrainingState;
    readonly views: readonly Tensor[];
    readonly hyper: Readonly<Record<string, Tensor>>;
  }) => readonly [Tensor, Tensor];
  /** The step with plain gradient descent, so that one step shows the gradient, or with an optimizer given. */
  readonly step: (options?: {
    readonly freezePatch?: boolean;
    readonly chunk?: number;
    readonly monitors?: boolean;
    readonly optimizer?: Transform<unknown, string>;
    /** Puts something around the encoder or the loss. */
    readonly around?: { readonly encoder?: (encoder: Encoder) => Encoder; readonly loss?: (loss: Scalar) => Scalar };
  }) => TrainingStep<string>;
}

/** Side of the images that methods are tested on, and how many of them. */
export const side = 8;
export const batch = 6;

/** An encoder by whether its first layers are frozen, and what is peculiar to it. */
interface TestEncoder extends Pick<MethodRow, "rounding" | "stem"> {
  readonly of: (freezePatch: boolean) => Encoder;
}

/** Averages its tokens: the class token of so small an encoder hardly tells images apart, and batch norms would blow up what is left. */
const onVit: TestEncoder = {
  of: (freezePatch) => vit({ size: smallest, patch: 4, image: side, readout: "average", freezePatch }) as unknown as Encoder,
  rounding: 1,
  stem: ["patch"],
};

const onResnet: TestEncoder = {
  of: (freezeStem) =>
    resnet({
      size: { name: "shallow", depths: [1, 1, 1, 1], bottleneck: false },
      stem: "small",
      width: 2,
      freezeStem,
    }) as unknown as Encoder,
  rounding: 5,
  stem: ["conv1", "bn1"],
};

const row = <Hs extends Heads, E extends Encodings, T extends keyof Hs, C, H extends string>(
  method: Method<Hs, E, T, C, H>,
  hyper: { readonly [K in H | NeedsTarget<E>]: number },
  {
    variant = "",
    slopes = true,
    encoder = onVit,
  }: { readonly variant?: string; readonly slopes?: boolean; readonly encoder?: TestEncoder } = {},
): MethodRow => ({
  name: method.name + variant,
  views: method.views(side),
  joinsViews: method.joinsViews ?? false,
  encoder: encoder.of(false),
  hasTarget: Object.values(method.encodings).some(({ encoder: of }) => of === "target"),
  targetMoves: method.targetMoves ?? "before-keys",
  slopes,
  rounding: encoder.rounding,
  stem: encoder.stem,
  hyper,
  embeddings: ({ state, views, hyper: scalars }) => {
    const network = encoder.of(false);
    const ctx = { train: true, hyper: scalars as never };
    const heads = method.heads(network.dim) as Readonly<Record<string, { readonly apply: (params: unknown, x: Tensor) => Tensor }>>;
    const bound = (params: unknown): never =>
      Object.fromEntries(
        Object.entries((params ?? {}) as Readonly<Record<string, unknown>>).map(([name, own]) => [
          name,
          (x: Tensor) => (heads[name] as (typeof heads)[string]).apply(own, x),
        ]),
      ) as never;
    const encoded = (which: "online" | "target", together: readonly Tensor[]): readonly Tensor[] => {
      const pixels = normalizePixels(concat(together, 0), imagenetPixels, (values) => constant(values, [values.length]));
      const { out } = network.apply({ params: state[which]?.encoder as never, state: state.statistics[which] as never }, pixels, ctx);
      return together.map((_, i) => slice(out, { axis: 0, start: i * batch, length: batch }));
    };
    const features = Object.fromEntries(
      Object.entries(method.encodings).map(([name, { encoder: which, view }]) => {
        const own = views[view] as Tensor;
        const together = method.joinsViews ? views.filter(({ shape }) => shape[1] === own.shape[1]) : [own];
        return [name, encoded(which, together)[together.indexOf(own)] as Tensor];
      }),
    );
    const { embeddings } = method.loss({
      features: features as never,
      heads: bound(state.online.heads),
      target: bound(state.target?.heads),
      carried: state.carried as C,
      ctx,
    });
    if (embeddings === undefined) throw new Error(`${method.name} names no embeddings`);
    return embeddings;
  },
  step: ({ freezePatch = false, chunk, monitors = true, optimizer, around = {} } = {}) =>
    trainingStep({
      encoder: around.encoder?.(encoder.of(freezePatch)) ?? encoder.of(freezePatch),
      method: {
        ...method,
        loss: (args) => {
          const found = method.loss(args);
          return { ...found, loss: around.loss?.(found.loss) ?? found.loss };
        },
      },
      monitors,
      optimizer: optimizer ?? (sgd({ momentum: 0 }) as Transform<unknown, string>),
      ...(chunk === undefined ? {} : { chunk }),
    }) as unknown as TrainingStep<string>,
});

const noCrops = { count: 0, scale: [0.1, 0.2] } as const;
const small = { hidden: 12, out: 6, prototypes: 5 };
const resnetRow = { variant: " on a ResNet", slopes: false, encoder: onResnet } as const;

/**
 * Every method of the library, with the scalars that its loss and its moving average read: add a row for a new one and it is
 * held to the laws of conformance/methods.test.ts and compared on every engine.
 */
export const methods: readonly MethodRow[] = [
  row(mocoV3({ hidden: 12, out: 6 }), { momentum: 0.9 }),
  row(
    mocoV3({ hidden: 12, out: 6, projectorLayers: 2, predictor: false, norm: false }),
    { momentum: 0 },
    { variant: ", momentum 0, no predictor, no norms" },
  ),
  row(simclr({ hidden: 12, out: 6 }), {}),
  row(simclr({ hidden: 12, out: 6, views: 3, layers: 2, norm: false, tau: 0.5 }), {}, { variant: ", three views, no norms" }),
  row(byol({ hidden: 12, out: 6 }), { momentum: 0.9 }),
  row(byol({ hidden: 12, out: 6, norm: false, targetStart: "copy" }), { momentum: 0.9 }, { variant: ", no norms, target from a copy" }),
  row(swav({ ...small, small: noCrops }), { trainPrototypes: 1, useQueue: 0 }, { slopes: false }),
  row(
    swav({ ...small, small: { count: 2, scale: [0.1, 0.2], size: 4 }, queue: 2 * batch }),
    { trainPrototypes: 1, useQueue: 1 },
    { variant: ", small crops and a queue", slopes: false },
  ),
  row(mocoV3({ hidden: 12, out: 6, projectorLayers: 2, predictorNorm: false, tau: 1 }), { momentum: 0.9 }, resnetRow),
  row(simclr({ hidden: 12, out: 6 }), {}, resnetRow),
  row(byol({ hidden: 12, out: 6 }), { momentum: 0.9 }, resnetRow),
  row(
    swav({ ...small, small: { count: 2, scale: [0.1, 0.2], size: 4 }, queue: 2 * batch }),
    { trainPrototypes: 1, useQueue: 1 },
    { ...resnetRow, variant: " on a ResNet, small crops and a queue" },
  ),
  // so smooth that its codes are the same whatever the parameters: there slopes are gradients
  row(swav({ ...small, small: noCrops, epsilon: 1e6 }), { trainPrototypes: 1, useQueue: 0 }, { variant: ", constant codes" }),
];
