import { asymmetricPair } from "@twinview/augment";
import { failure } from "@twinview/config";
import { evaluate, type HostArray, leaves, rngOf, type Tensor, type Tree } from "@twinview/core";
import { mocoV3 } from "@twinview/methods";
import { mocoV3App } from "@twinview/moco-v3";
import { cosine, warmupCosine } from "@twinview/optim";
import { sinCosPosition, sizes, vit } from "@twinview/vit";
import { describe, expect, it } from "vitest";
import { goldenJson } from "./golden-step.ts";

interface Bound {
  readonly bound: number;
  readonly std: number;
}
interface Oracles {
  readonly positions: Readonly<Record<string, { readonly shape: readonly [number, number]; readonly data: readonly number[] }>>;
  readonly schedules: {
    readonly base: number;
    readonly warmupSteps: number;
    readonly totalSteps: number;
    readonly steps: readonly number[];
    readonly lr: readonly number[];
    readonly momentumBase: number;
    readonly momentum: readonly number[];
  };
  readonly initialisation: {
    readonly tokenStd: number;
    readonly sizes: Readonly<
      Record<
        keyof typeof sizes,
        Readonly<Record<"patch" | "qkv" | "attentionOut" | "fc1" | "fc2" | "projectorFc1", Bound>> & { readonly dim: number }
      >
    >;
  };
}
const oracles = goldenJson<Oracles>("oracles.json");

describe("the position embedding", () => {
  it.each([
    { grid: 4, dim: 48 },
    { grid: 7, dim: 96 },
  ])("of a $grid x $grid grid, $dim wide, is the official one", ({ grid, dim }) => {
    const wanted = oracles.positions[`${grid}x${grid}x${dim}`];
    const table = sinCosPosition({ grid, dim, token: true });
    expect(wanted?.shape).toEqual([grid * grid + 1, dim]);
    expect(table.length).toBe(wanted?.data.length);
    for (const [i, value] of (wanted?.data ?? []).entries()) expect(Math.abs((table[i] as number) - value)).toBeLessThanOrEqual(6e-8);
  });
});

describe("MoCo v3's paper preset on as many images as a batch has, one step an epoch", () => {
  const around = { images: 4096, testImages: 100, side: 256, machineGflops: 100 };
  const planned = mocoV3App.plan({ data: "images", preset: "paper" }, around, []);
  if (planned._tag === "Left") throw failure(planned.left);
  const { experiment } = planned.right.run;
  const { steps, lr, totalSteps, momentum } = oracles.schedules;

  it("has the published learning rate, momentum and weight decay at every step", () => {
    expect(experiment.batch).toBe(4096);
    expect(experiment.steps).toBe(totalSteps);
    const at = (name: string, step: number): number => experiment.schedules[name]?.(step) as number;
    for (const [i, step] of steps.entries()) {
      expect(Math.abs(at("lr", step) - (4096 / 256) * (lr[i] as number))).toBeLessThanOrEqual(1e-15);
      expect(Math.abs(at("momentum", step) - (momentum[i] as number))).toBeLessThanOrEqual(1e-14);
      expect(at("wd", step)).toBe(0.1);
    }
  });

  it("has the published encoder, patch projection frozen, and the published views", () => {
    expect(experiment.encoder.name).toBe("vit-s/16");
    expect(experiment.encoder.dim).toBe(384);
    expect([experiment.encoder.frozen("patch/w"), experiment.encoder.frozen("blocks/block00/mlp/fc1/w")]).toEqual([true, false]);
    expect(experiment.views).toEqual(asymmetricPair({ size: 224, scale: [0.08, 1] }));
  });
});

describe("the schedules", () => {
  const { base, warmupSteps, totalSteps, steps, lr, momentumBase, momentum } = oracles.schedules;
  it("warm the learning rate up from 0 and let it fall by a cosine, as main_moco.py does", () => {
    const schedule = warmupCosine({ peak: base, warmup: warmupSteps, total: totalSteps });
    for (const [i, step] of steps.entries()) expect(Math.abs(schedule(step) - (lr[i] as number))).toBeLessThanOrEqual(1e-12 * base);
  });
  it("raise the momentum to 1 by a cosine, as main_moco.py does", () => {
    const schedule = cosine({ from: momentumBase, to: 1, steps: totalSteps });
    for (const [i, step] of steps.entries()) expect(Math.abs(schedule(step) - (momentum[i] as number))).toBeLessThanOrEqual(1e-14);
  });
});

/** Whether numbers look drawn from a distribution of mean 0 with the given deviation and kurtosis, to five standard errors. */
const checkMoments = (values: ArrayLike<number>, std: number, kurtosis: number): void => {
  const n = values.length;
  let [sum, squares] = [0, 0];
  for (let i = 0; i < n; i++) {
    sum += values[i] as number;
    squares += (values[i] as number) ** 2;
  }
  expect(Math.abs(sum / n)).toBeLessThanOrEqual((5 * std) / Math.sqrt(n));
  expect(Math.abs(Math.sqrt(squares / n) / std - 1)).toBeLessThanOrEqual(5 * Math.sqrt((kurtosis - 1) / (4 * n)));
};

/** Uniform in [-bound, bound): moments, the range, and half of the numbers in its inner half. */
const checkUniform = (values: ArrayLike<number>, { bound, std }: Bound): void => {
  checkMoments(values, std, 1.8);
  const sizes = Array.from(values, Math.abs);
  const most = sizes.reduce((a, b) => Math.max(a, b), 0);
  expect(most).toBeLessThanOrEqual(Math.fround(bound));
  expect(most).toBeGreaterThan(bound * (1 - 20 / values.length));
  const inner = sizes.filter((x) => x < bound / 2).length / values.length;
  expect(Math.abs(inner - 0.5)).toBeLessThanOrEqual(2.5 / Math.sqrt(values.length));
};

describe.each(["mini", "ti", "s", "b"] as const)("the initial weights of vit-%s", (name) => {
  const wanted = oracles.initialisation.sizes[name];
  const patch = name === "mini" ? 7 : 16;
  const encoder = vit({ size: { ...sizes[name], depth: 1 }, patch, image: 4 * patch });
  const params = new Map(leaves<HostArray>(evaluate(() => encoder.init(rngOf(3)).params as unknown as Tree<Tensor>)));
  const at = (path: string): HostArray => params.get(path) as HostArray;
  const block = "blocks/block00";

  it("are Xavier-uniform, queries, keys and values apart", () => {
    expect(encoder.dim).toBe(wanted.dim);
    checkUniform(at("patch/w").data, wanted.patch);
    checkUniform(at(`${block}/attention/out/w`).data, wanted.attentionOut);
    checkUniform(at(`${block}/mlp/fc1/w`).data, wanted.fc1);
    checkUniform(at(`${block}/mlp/fc2/w`).data, wanted.fc2);
    const { data } = at(`${block}/attention/qkv/w`); // [D, 3 D]
    for (const third of [0, 1, 2])
      checkUniform(
        data.filter((_, i) => Math.floor((i % (3 * wanted.dim)) / wanted.dim) === third),
        wanted.qkv,
      );
  });

  it("leave biases at 0, norms at 1 and 0, and the token near 0", () => {
    const others = [...params].filter(([path]) => !path.endsWith("/w") && path !== "token");
    expect(others.map(([path]) => path)).toHaveLength(11);
    for (const [path, { data }] of others) expect([path, ...new Set(data)]).toEqual([path, path.endsWith("/scale") ? 1 : 0]);
    checkMoments(at("token").data, oracles.initialisation.tokenStd, 3);
  });

  it("are those of torch.nn.Linear in the heads", () => {
    const heads = mocoV3({ hidden: 256, out: 32 }).heads(wanted.dim);
    const projector = new Map(leaves<HostArray>(evaluate(() => heads.projector.init(rngOf(5)) as unknown as Tree<Tensor>)));
    checkUniform((projector.get("fc1/w") as HostArray).data, wanted.projectorFc1);
    expect([...projector.keys()]).toEqual(["fc1/w", "bn1/scale", "bn1/shift", "fc2/w", "bn2/scale", "bn2/shift", "fc3/w"]);
  });
});
