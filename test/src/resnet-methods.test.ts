import { type Encoder, evaluate, type HostArray, type HostTree, leaves, rngOf, type Tensor, type Tree } from "@twinview/core";
import { onnxEngine } from "@twinview/engine";
import { byol, mocoV3, simclr, swav, type TrainingStep } from "@twinview/methods";
import { resnet, torchvisionName } from "@twinview/resnet";
import { lengthOf } from "@twinview/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { drawnByName, expectStatistics, type GoldenGradient } from "./golden-encoder.ts";
import { inputsOf, type OfficialSizes, officialOptimizers, officialStep, openStep } from "./golden-methods.ts";
import { goldenJson } from "./golden-step.ts";

type Sampled = Readonly<Record<string, GoldenGradient>>;

/** What golden/resnet_methods.py wrote about a method. */
interface MethodFile {
  readonly config: OfficialSizes & Readonly<Record<"size" | "batch" | "weightDecay", number>>;
  readonly views: readonly number[];
  readonly lr: number;
  readonly targetMomentum: number;
  readonly loss: number;
  readonly float32Difference: Readonly<Record<"online" | "target", number>>;
  readonly gradients: Sampled;
  readonly online: Sampled;
  readonly target: Sampled;
  readonly onlineStatistics: Readonly<Record<string, readonly number[]>>;
  readonly targetStatistics: Readonly<Record<string, readonly number[]>>;
}

const names = ["moco-v3", "simclr", "byol", "swav"] as const;
type Name = (typeof names)[number];
type Golden = Readonly<Record<Name, MethodFile>> & { readonly depths: readonly [number, number, number, number]; readonly width: number };
const golden = goldenJson<Golden>("resnet_methods.json");

const encoder = resnet({
  size: { name: "golden", depths: golden.depths, bottleneck: false },
  width: golden.width,
  stem: "small",
}) as unknown as Encoder;

const stepOf = (name: Name, plain: boolean): TrainingStep<string> => {
  const { config } = golden[name];
  const { hidden, out } = config;
  const official = officialOptimizers[name](config);
  const makers = {
    "moco-v3": () => officialStep(encoder, mocoV3({ hidden, out, tau: 1, projectorLayers: 2, predictorNorm: false }), official, plain),
    simclr: () => officialStep(encoder, simclr({ hidden, out, tau: 0.1 }), official, plain),
    byol: () => officialStep(encoder, byol({ hidden, out }), official, plain),
    swav: () => {
      const method = swav({ hidden, out, prototypes: 10, small: { count: 2, scale: [0.05, 0.14], size: 8 } });
      return officialStep(encoder, method, official, plain);
    },
  };
  return makers[name]();
};

/** The golden name of a path below `online` or `target`. */
const nameOf = (path: string): string => (path.startsWith("encoder/") ? `encoder/${torchvisionName(path.slice("encoder/".length))}` : path);

const uniform = (name: string, shape: readonly number[], bound: number): HostArray => drawnByName(name, shape, -bound, bound);

/** Prototypes of unit length, one a column. */
const unitColumns = ({ shape, data, ...rest }: HostArray): HostArray => {
  const [rows, columns] = shape as readonly [number, number];
  const lengths = Array.from({ length: columns }, (_, k) =>
    Math.sqrt(Array.from({ length: rows }, (_, d) => (data[d * columns + k] as number) ** 2).reduce((a, b) => a + b, 0)),
  );
  return { shape, ...rest, data: Float32Array.from(data, (x, i) => x / (lengths[i % columns] as number)) } as HostArray;
};

/** The parameter at a path below `online` or `target` as golden/resnet_methods.py draws it. */
const drawn = (side: string, path: string, shape: readonly number[]): HostArray => {
  const name = `${side}/${nameOf(path).replace(/^encoder\//, "")}`;
  const leaf = path.slice(path.lastIndexOf("/") + 1);
  if (path.startsWith("heads/prototypes")) return unitColumns(uniform(name, shape, Math.sqrt(3 / (shape[0] as number))));
  if (shape.length === 4) return uniform(name, shape, Math.sqrt(6 / shape.slice(1).reduce((a, b) => a * b, 1)));
  if (leaf === "w") return uniform(name, shape, Math.sqrt(3 / (shape[0] as number)));
  if (leaf !== "scale") return uniform(name, shape, 0.3);
  return path.startsWith("encoder/") && path.endsWith("bn2/scale")
    ? drawnByName(name, shape, 0.1, 0.3)
    : drawnByName(name, shape, 0.5, 1.5);
};

/** One golden step on the default engine: its loss, and every array of the state after it by path. */
const oneStep = async (name: Name, plain: boolean) => {
  const { config, views, lr, targetMomentum } = golden[name];
  const step = stepOf(name, plain);
  const fresh = evaluate(() => step.init(rngOf(0)) as unknown as Tree<Tensor>) as HostTree;
  const start = leaves<HostArray>(fresh).flatMap(([path, { shape }]): [string, HostArray][] => {
    const [, side, rest] = /^(online|target)\/(.*)$/.exec(path) ?? [];
    return side === undefined || rest === undefined ? [] : [[path, drawn(side, rest, shape)]];
  });
  const sizes = { views, batch: config.batch };
  const session = await openStep(step, sizes, onnxEngine(), new Map(start));
  const wd = plain ? 0 : config.weightDecay;
  const scalars = { lr, wd, momentum: targetMomentum, trainPrototypes: 1, useQueue: 0 };
  try {
    const { outputs, committed } = await session.run("step", inputsOf(sizes, 0, step.hyper, scalars));
    expect(committed).toBe(true);
    return { loss: outputs.loss?.data[0] as number, state: new Map(leaves<HostArray>(await session.read())) };
  } finally {
    await session.close();
  }
};

/** Those of the state below a prefix, by their golden names. */
const below = (state: ReadonlyMap<string, HostArray>, prefix: string): ReadonlyMap<string, HostArray> =>
  new Map([...state].filter(([path]) => path.startsWith(prefix)).map(([path, leaf]) => [nameOf(path.slice(prefix.length)), leaf]));

const gapsOf = ({ data }: HostArray, { step, samples }: GoldenGradient): readonly number[] =>
  samples.map((want, i) => (data[i * step] as number) - want);

describe.each(names)("one whole step of %s on a ResNet against PyTorch in float64", (name) => {
  const file = golden[name];
  let plain: Awaited<ReturnType<typeof oneStep>>;
  let official: Awaited<ReturnType<typeof oneStep>>;
  beforeAll(async () => {
    plain = await oneStep(name, true);
    official = await oneStep(name, false);
  });

  it("has the same loss, to 1e-5 of it", () => {
    for (const { loss } of [plain, official]) expect(Math.abs(loss - file.loss)).toBeLessThanOrEqual(1e-5 * file.loss);
  });

  it("has the same gradients, to 1e-4 of their norms", () => {
    const ours = below(plain.state, "optimizer/momentum/velocity/"); // plain descent: after one step the velocity is the gradient
    expect([...ours.keys()].sort()).toEqual(Object.keys(file.gradients).sort());
    const most = Math.max(...Object.values(file.gradients).map(({ norm }) => norm));
    const far = Object.entries(file.gradients).flatMap(([path, wanted]) => {
      const array = ours.get(path) as HostArray;
      const error = lengthOf(gapsOf(array, wanted)) * Math.sqrt(array.data.length / wanted.samples.length); // samples stand for all
      const ofNorm = Math.abs(lengthOf(array.data) - wanted.norm);
      // an offset before a batch norm has a gradient of zero, and rounding in its place
      const allowed = wanted.norm < 1e-9 * most ? 1e-6 * most : 1e-4 * wanted.norm;
      return Math.max(error, ofNorm) <= allowed ? [] : [`${path}: off by ${Math.max(error, ofNorm)}, allowed ${allowed}`];
    });
    expect(far).toEqual([]);
  });

  it("moves online and target parameters as its official code does, within 3x of what PyTorch's own float32 is off", () => {
    for (const side of ["online", "target"] as const) {
      const ours = below(official.state, `${side}/`);
      expect([...ours.keys()].sort()).toEqual(Object.keys(file[side]).sort());
      const far = Object.entries(file[side]).flatMap(([path, wanted]) => {
        const error = Math.max(...gapsOf(ours.get(path) as HostArray, wanted).map(Math.abs));
        return error <= 3 * file.float32Difference[side] ? [] : [`${side}/${path}: off by ${error}`];
      });
      expect(far).toEqual([]);
    }
  });

  it("keeps the running statistics of each network, of the batches that its views make", () => {
    for (const side of ["online", "target"] as const) {
      const ours = below(official.state, `statistics/${side}/`);
      const found = new Map([...ours].map(([path, { data }]) => [torchvisionName(path), data as Float32Array]));
      expectStatistics(found, file[`${side}Statistics`], (path) => path);
    }
  });
});
