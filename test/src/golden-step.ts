import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeSafetensors } from "@twinview/checkpoint";
import { failure } from "@twinview/config";
import { evaluate, type HostArray, type HostTree, leaves, rebuild, rngOf, type Scalar, type Tensor, type Tree } from "@twinview/core";
import type { Engine, InputSpec, Program, Session } from "@twinview/engine";
import { mocoV3, type TrainingState, trainingStep } from "@twinview/methods";
import { adamw } from "@twinview/optim";
import { vit } from "@twinview/vit";
import { root } from "./source-tree.ts";

const golden = (name: string): string => join(root, "test/golden", name);

/** A file that golden/moco_v3_step.py, moco_v3_curve.py or oracles.py wrote. */
export const goldenJson = <T>(name: string): T => JSON.parse(readFileSync(golden(name), "utf8")) as T;

const readTensors = (): ReadonlyMap<string, HostArray> => {
  const read = decodeSafetensors(readFileSync(golden("moco_v3_step.safetensors")), "moco_v3_step.safetensors");
  if (read._tag === "Left") throw failure(read.left);
  return read.right.tensors;
};

/** The arrays of moco_v3_step.safetensors by path: `before/online/encoder/patch/w`, `gradient/..`, `after/..`, `images1`. */
export const tensors = readTensors();

/** Those below a prefix, by the rest of their path. */
export const below = (prefix: string): ReadonlyMap<string, HostArray> =>
  new Map([...tensors].filter(([path]) => path.startsWith(prefix)).map(([path, array]) => [path.slice(prefix.length), array]));

/** The sizes of the golden runs, as moco_v3.py has them. */
export interface GoldenConfig {
  readonly dim: number;
  readonly depth: number;
  readonly heads: number;
  readonly patch: number;
  readonly size: number;
  readonly batch: number;
  readonly hidden: number;
  readonly out: number;
  readonly tau: number;
  readonly weightDecay: number;
}

const stepOf = (config: GoldenConfig, chunk?: number) => {
  const { dim, depth, heads, patch, size, hidden, out, tau } = config;
  return trainingStep({
    encoder: vit({ size: { name: "golden", dim, depth, heads }, patch, image: size }),
    method: mocoV3({ hidden, out, tau }),
    optimizer: adamw(),
    ...(chunk === undefined ? {} : { chunk }),
  });
};

const scalarInput: InputSpec = { shape: [], dtype: "float32" };

/** A golden run on an engine: a session with the program `step` whose initial values are those of a file. */
export const openGolden = async (
  engine: Engine,
  config: GoldenConfig,
  values: ReadonlyMap<string, HostArray>,
  { chunk }: { readonly chunk?: number } = {},
): Promise<Session<"step">> => {
  const step = stepOf(config, chunk);
  const images: InputSpec = { shape: [config.batch, config.size, config.size, 3], dtype: "uint8" };
  const program: Program = {
    inputs: { view0: images, view1: images, lr: scalarInput, wd: scalarInput, momentum: scalarInput },
    run: ({ state, inputs }) => {
      const { lr, wd, momentum, view0, view1 } = inputs as Readonly<Record<"lr" | "wd" | "momentum", Scalar>> &
        Readonly<Record<string, Tensor>>;
      const after = step.step({
        state: state as unknown as TrainingState,
        views: [view0 as Tensor, view1 as Tensor],
        hyper: { lr, wd, momentum },
      });
      return { state: after.state as unknown as Tree<Tensor>, outputs: after.metrics };
    },
  };
  const fresh = evaluate(() => step.init(rngOf(0)) as unknown as Tree<Tensor>);
  const all = new Map(leaves<HostArray>(fresh).map(([path, leaf]) => [path, values.get(path) ?? leaf]));
  return engine.open({ state: rebuild(fresh, all) as HostTree, programs: { step: program }, threads: 2 });
};

/** The inputs of one step. */
export const stepInputs = (
  config: GoldenConfig,
  views: readonly [Uint8Array, Uint8Array],
  { lr, momentum }: { readonly lr: number; readonly momentum: number },
): Readonly<Record<string, HostArray>> => {
  const shape = [config.batch, config.size, config.size, 3];
  const scalar = (value: number): HostArray => ({ shape: [], dtype: "float32", data: Float32Array.of(value) });
  return {
    view0: { shape, dtype: "uint8", data: views[0] },
    view1: { shape, dtype: "uint8", data: views[1] },
    lr: scalar(lr),
    wd: scalar(config.weightDecay),
    momentum: scalar(momentum),
  };
};
