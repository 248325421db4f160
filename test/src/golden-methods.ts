import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeSafetensors } from "@twinview/checkpoint";
import { failure } from "@twinview/config";
import {
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

/** The three steps with the optimizers of their official codes, or with plain descent, whose velocity is the gradient. */
const stepOf = (name: GoldenName, plain: boolean): TrainingStep<string> => {
  const { config } = files[name];
  const { dim, depth, heads, patch, size, hidden, out, trust, momentum } = config;
  const of = <Hs extends Heads, E extends Encodings, T extends keyof Hs, C, H extends string>(
    method: Method<Hs, E, T, C, H>,
    official: Transform<unknown, "lr" | "wd">,
  ): TrainingStep<string> =>
    trainingStep({
      encoder: vit({ size: { name: "golden", dim, depth, heads }, patch, image: size }),
      method,
      optimizer: plain ? (sgd({ momentum: 0 }) as Transform<unknown, "lr" | "wd">) : official,
    }) as unknown as TrainingStep<string>;
  const widths = { hidden, out };
  const makers = {
    simclr: () => of(simclr({ ...widths, tau: 0.1 }), larsClassic({ trust, momentum }) as never),
    byol: () => of(byol(widths), lars({ trust, momentum, mask: excludeBiasAndNorm }) as never),
    swav: () =>
      of(
        swav({ ...widths, prototypes: 10, queue: 16, small: { count: 2, scale: [0.05, 0.14], size: 8 } }),
        larc({ trust, momentum }) as never,
      ),
  };
  return makers[name]();
};

const scalarInput: InputSpec = { shape: [], dtype: "float32" };

/** A golden run on an engine: a session with the program `step` whose initial values are those given, by path in the state. */
export const openMethod = async (
  name: GoldenName,
  engine: Engine,
  values: ReadonlyMap<string, HostArray>,
  { plain = false }: { readonly plain?: boolean } = {},
): Promise<Session<"step">> => {
  const step = stepOf(name, plain);
  const { views, config } = files[name];
  const program: Program = {
    inputs: {
      ...Object.fromEntries(
        views.map((side, i): [string, InputSpec] => [`view${i}`, { shape: [config.batch, side, side, 3], dtype: "uint8" }]),
      ),
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

/** The inputs of step `at`: its pictures and scalars. */
export const methodInputs = (
  name: GoldenName,
  at: number,
  scalars: Readonly<Record<string, number>>,
): Readonly<Record<string, HostArray>> => {
  const { views, config } = files[name];
  const pictures = views.map((size, i): [string, HostArray] => [
    `view${i}`,
    { shape: [config.batch, size, size, 3], dtype: "uint8", data: goldenView(at, i, { batch: config.batch, size }) },
  ]);
  const asked = {
    simclr: ["lr", "wd"],
    byol: ["lr", "wd", "momentum"],
    swav: ["lr", "wd", "trainPrototypes", "useQueue"],
  }[name];
  return Object.fromEntries([...pictures, ...asked.map((scalar) => [scalar, hostArray([scalars[scalar] as number], [])] as const)]);
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
