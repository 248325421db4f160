import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeSafetensors } from "@twinview/checkpoint";
import { failure } from "@twinview/config";
import {
  type Encoder,
  evaluate,
  type HostArray,
  type HostTree,
  hostArray,
  leaves,
  rebuild,
  rngOf,
  type Scalar,
  type Tensor,
  type Tree,
} from "@twinview/core";
import type { Engine, InputSpec, Program, Session } from "@twinview/engine";
import {
  byol,
  type Encodings,
  type Heads,
  type Method,
  simclr,
  swav,
  type TrainingState,
  type TrainingStep,
  trainingStep,
} from "@twinview/methods";
import { excludeBiasAndNorm, larc, lars, larsClassic, sgd, type Transform } from "@twinview/optim";
import { vit } from "@twinview/vit";
import { goldenView } from "./golden-pictures.ts";
import { goldenJson } from "./golden-step.ts";
import { root } from "./source-tree.ts";

/** What golden/methods_golden.py wrote about a method. */
export interface MethodFile {
  readonly config: Readonly<
    Record<"dim" | "depth" | "heads" | "patch" | "size" | "batch" | "hidden" | "out" | "trust" | "momentum" | "weightDecay", number>
  >;
  /** Sides of the views, in pixels. */
  readonly views: readonly number[];
  readonly lr: number;
  readonly targetMomentum: number;
  readonly loss: number;
  readonly float32Difference: Readonly<Record<"after/online/" | "after/target/" | "after/queue/", number>>;
  readonly curve: {
    readonly lr: readonly number[];
    readonly targetMomentum: readonly number[];
    readonly trainPrototypes: readonly number[];
    readonly useQueue: readonly number[];
    readonly float64: readonly number[];
    readonly spread: readonly number[];
  };
}

export type GoldenName = "simclr" | "byol" | "swav";
export const files = goldenJson<Readonly<Record<GoldenName, MethodFile>>>("methods.json");

const readTensors = (): ReadonlyMap<string, HostArray> => {
  const name = "methods.safetensors";
  const read = decodeSafetensors(readFileSync(join(root, "test/golden", name)), name);
  if (read._tag === "Left") throw failure(read.left);
  return read.right.tensors;
};
const tensors = readTensors();

/** The arrays of a method below a prefix, by the rest of their path. */
export const below = (name: GoldenName, prefix: string): ReadonlyMap<string, HostArray> => {
  const whole = `${name}/${prefix}`;
  return new Map([...tensors].filter(([path]) => path.startsWith(whole)).map(([path, array]) => [path.slice(whole.length), array]));
};

/** What an official optimizer and the heads are told. */
export type OfficialSizes = Readonly<Record<"hidden" | "out" | "trust" | "momentum", number>>;

/** A method's step with the optimizer of its official code, or with plain descent, whose velocity is the gradient. */
export const officialStep = <Hs extends Heads, E extends Encodings, T extends keyof Hs, C, H extends string>(
  encoder: Encoder,
  method: Method<Hs, E, T, C, H>,
  official: Transform<never, "lr" | "wd">,
  plain: boolean,
): TrainingStep<string> =>
  trainingStep({
    encoder,
    method,
    optimizer: (plain ? sgd({ momentum: 0 }) : official) as unknown as Transform<unknown, "lr" | "wd">,
  }) as unknown as TrainingStep<string>;

/** The optimizer of each method's official code. */
export const officialOptimizers = {
  "moco-v3": ({ trust, momentum }: OfficialSizes) => lars({ trust, momentum }) as never,
  simclr: ({ trust, momentum }: OfficialSizes) => larsClassic({ trust, momentum }) as never,
  byol: ({ trust, momentum }: OfficialSizes) => lars({ trust, momentum, mask: excludeBiasAndNorm }) as never,
  swav: ({ trust, momentum }: OfficialSizes) => larc({ trust, momentum }) as never,
} as const;

const stepOf = (name: GoldenName, plain: boolean): TrainingStep<string> => {
  const { config } = files[name];
  const { dim, depth, heads, patch, size, hidden, out } = config;
  const encoder = vit({ size: { name: "golden", dim, depth, heads }, patch, image: size }) as unknown as Encoder;
  const optimizer = officialOptimizers[name](config);
  const widths = { hidden, out };
  const makers = {
    simclr: () => officialStep(encoder, simclr({ ...widths, tau: 0.1 }), optimizer, plain),
    byol: () => officialStep(encoder, byol(widths), optimizer, plain),
    swav: () => {
      const method = swav({ ...widths, prototypes: 10, queue: 16, small: { count: 2, scale: [0.05, 0.14], size: 8 } });
      return officialStep(encoder, method, optimizer, plain);
    },
  };
  return makers[name]();
};

const scalarInput: InputSpec = { shape: [], dtype: "float32" };

/** A step on an engine, on views of the given sides: a session with the program `step` whose state starts as `values` says, by path. */
export const openStep = async (
  step: TrainingStep<string>,
  { views, batch }: { readonly views: readonly number[]; readonly batch: number },
  engine: Engine,
  values: ReadonlyMap<string, HostArray>,
): Promise<Session<"step">> => {
  const program: Program = {
    inputs: {
      ...Object.fromEntries(views.map((side, i): [string, InputSpec] => [`view${i}`, { shape: [batch, side, side, 3], dtype: "uint8" }])),
      ...Object.fromEntries(step.hyper.map((scalar) => [scalar, scalarInput])),
    },
    run: ({ state, inputs }) => {
      const after = step.step({
        state: state as unknown as TrainingState,
        views: views.map((_, i) => inputs[`view${i}`] as Tensor),
        hyper: inputs as Readonly<Record<string, Scalar>>,
      });
      return { state: after.state as unknown as Tree<Tensor>, outputs: after.metrics };
    },
  };
  const fresh = evaluate(() => step.init(rngOf(0)) as unknown as Tree<Tensor>);
  const all = new Map(leaves<HostArray>(fresh).map(([path, leaf]) => [path, values.get(path) ?? leaf]));
  const unknown = [...values.keys()].filter((path) => !all.has(path));
  if (unknown.length > 0) throw new Error(`no such state: ${unknown.join(", ")}`);
  return engine.open({ state: rebuild(fresh, all) as HostTree, programs: { step: program }, threads: 2 });
};

/** A golden run on an engine. */
export const openMethod = (
  name: GoldenName,
  engine: Engine,
  values: ReadonlyMap<string, HostArray>,
  { plain = false }: { readonly plain?: boolean } = {},
): Promise<Session<"step">> => {
  const { views, config } = files[name];
  return openStep(stepOf(name, plain), { views, batch: config.batch }, engine, values);
};

/** The golden pictures of step `at` and the scalars a step asks for. */
export const inputsOf = (
  { views, batch }: { readonly views: readonly number[]; readonly batch: number },
  at: number,
  asked: readonly string[],
  scalars: Readonly<Record<string, number>>,
): Readonly<Record<string, HostArray>> => {
  const pictures = views.map((size, i): [string, HostArray] => [
    `view${i}`,
    { shape: [batch, size, size, 3], dtype: "uint8", data: goldenView(at, i, { batch, size }) },
  ]);
  return Object.fromEntries([...pictures, ...asked.map((scalar) => [scalar, hostArray([scalars[scalar] as number], [])] as const)]);
};

/** The inputs of step `at`: its pictures and scalars. */
export const methodInputs = (
  name: GoldenName,
  at: number,
  scalars: Readonly<Record<string, number>>,
): Readonly<Record<string, HostArray>> => {
  const { views, config } = files[name];
  const asked = {
    simclr: ["lr", "wd"],
    byol: ["lr", "wd", "momentum"],
    swav: ["lr", "wd", "trainPrototypes", "useQueue"],
  }[name];
  return inputsOf({ views, batch: config.batch }, at, asked, scalars);
};

/** The state a golden run starts from, by path; the queue is full. */
export const stateBefore = (name: GoldenName): ReadonlyMap<string, HostArray> => {
  const sides = (["online", "target"] as const).flatMap((side) =>
    [...below(name, `before/${side}/`)].map(([path, array]) => [`${side}/${path}`, array] as const),
  );
  const queue = [...below(name, "before/queue/")].map(([crop, array]) => [`carried/crops/${crop}`, array] as const);
  const pushed = queue.length === 0 ? [] : [["carried/pushed", hostArray([16], [])] as const];
  return new Map([...sides, ...queue, ...pushed]);
};
