import { byolApp } from "@twinview/byol";
import { fold, type HostArray, type HostTree, leaves, rngOf, uniforms } from "@twinview/core";
import { compile, type Graph, onnxEngine } from "@twinview/engine";
import { mocoV3App } from "@twinview/moco-v3";
import { simclrApp } from "@twinview/simclr";
import { swavApp } from "@twinview/swav";
import { type App, type Experiment, initialState, runnerOf, stepProgram } from "@twinview/train";
import { describe, expect, test } from "vitest";
import { planSmall, trainSmall } from "./small-run.ts";

const noNorm = "heads.norm=false";
const noPredictor = "heads.predictor=false";
const heads = ["heads.hidden=16", "heads.out=8"];
const smallCrops = ["prototypes.count=6", "crops.small=2", "crops.smallSize=8", "prototypes.frozenSteps=0"];

/** Every method with the settings of its heads that the papers ablate: a new one gets a row here. */
const methods: readonly { readonly app: App; readonly sizes: readonly string[]; readonly ablations: readonly string[] }[] = [
  { app: mocoV3App, sizes: heads, ablations: [noNorm, noPredictor] },
  { app: simclrApp, sizes: heads, ablations: [noNorm] },
  { app: byolApp, sizes: heads, ablations: [noNorm, noPredictor] },
  { app: swavApp, sizes: [...heads, ...smallCrops], ablations: [noNorm] },
];

const families = [
  { backbone: "vit-mini", small: ["backbone.patch=8"], stem: ["patch"], together: false },
  { backbone: "resnet-18", small: ["backbone.width=4"], stem: ["conv1", "bn1"], together: true },
] as const;
type Family = (typeof families)[number];

/** The ablations one by one, or all at once on the backbone whose steps take longer to build. */
const variantsOf = (ablations: readonly string[], { together }: Family): readonly (readonly string[])[] => [
  [],
  ...(together ? [ablations] : ablations.map((one) => [one])),
];

const batch = 8;
const experimentOf = (app: App, { backbone, small }: Family, overrides: readonly string[], freezePatch: boolean): Experiment =>
  planSmall(app, { backbone, batch, epochs: 1, freezePatch }, [...small, ...overrides]).experiment;

/** The losses of two steps on the default engine, and the parameters below `online` and `target` before, between and after them. */
const twoSteps = async (experiment: Experiment) => {
  const runner = runnerOf(experiment);
  const session = await onnxEngine().open({ state: initialState(experiment), programs: runner.programs, threads: 1 });
  const parameters = async (): Promise<ReadonlyMap<string, HostArray>> =>
    new Map(leaves<HostArray>((await session.read()) as HostTree).filter(([path]) => /^(online|target)\//.test(path)));
  const states = [await parameters()];
  const losses: number[] = [];
  for (const step of [0, 1]) {
    const views = experiment.views.map(({ size }, view) => {
      const uniform = uniforms(fold(fold(rngOf(step), "view"), view));
      return Uint8Array.from({ length: batch * size * size * 3 }, () => Math.floor(256 * uniform()));
    });
    const hyper = Object.fromEntries(Object.entries(experiment.schedules).map(([name, schedule]) => [name, schedule(step)]));
    const run = await runner.run(session, { views, hyper: { ...hyper, lr: 1e-3 } }); // step 0 of a warm-up has a rate of 0
    losses.push(run?.committed ? (run.scalars.loss as number) : Number.NaN);
    states.push(await parameters());
  }
  await session.close();
  return { losses, states };
};

const below = (state: ReadonlyMap<string, HostArray> | undefined, prefix: string): ReadonlyMap<string, HostArray> =>
  new Map([...(state ?? [])].filter(([path]) => path.startsWith(prefix)).map(([path, leaf]) => [path.slice(prefix.length), leaf]));

/** Products and convolutions in the gradient of the encoder's first layers; the class token's own gradient is a sum. */
const stemProducts = ({ nodes }: Graph, { stem }: Family): readonly string[] =>
  nodes
    .flatMap(({ op, path }) => (/^(matmul|conv)/.test(op) ? [path] : []))
    .filter((path) => stem.some((layer) => `${path}/`.startsWith(`gradient/online/${layer}/`)));

const graphOf = (experiment: Experiment): Graph => compile(stepProgram(experiment), initialState(experiment)).graph;

describe.each(methods.flatMap((method) => families.map((family) => ({ name: method.app.method, on: family.backbone, method, family }))))(
  "$name on $on",
  ({ method: { app, sizes, ablations }, family }) => {
    const isStem = (path: string): boolean => family.stem.some((layer) => path.startsWith(`online/encoder/${layer}/`));

    test.each(variantsOf(ablations, family).map((overrides) => ({ overrides, as: overrides.join(", ") || "the defaults" })))(
      "with $as and the first layer frozen: two finite losses, that layer bit-identical, all else moved",
      async ({ overrides }) => {
        const { losses, states } = await twoSteps(experimentOf(app, family, [...sizes, ...overrides], true));
        expect(losses.map(Number.isFinite)).toEqual([true, true]);
        const [before, , after] = states;
        const paths = [...(before?.keys() ?? [])].filter((path) => path.startsWith("online/"));
        const moved = paths.filter((path) => after?.get(path)?.data.some((x, i) => x !== before?.get(path)?.data[i]));
        expect(moved).toEqual(paths.filter((path) => !isStem(path)));
        expect(paths.filter(isStem).length).toBeGreaterThan(0);
        expect(paths.some((path) => /^online\/heads\/.*\/bn/.test(path))).toBe(!overrides.includes(noNorm));
        expect(paths.some((path) => path.startsWith("online/heads/predictor/"))).toBe(
          [mocoV3App, byolApp].includes(app) && !overrides.includes(noPredictor),
        );
      },
    );

    test("the graph of the step has no product for a gradient of the frozen first layer", () => {
      expect(stemProducts(graphOf(experimentOf(app, family, sizes, true)), family)).toEqual([]);
    });
  },
);

test.each(families)("a first layer of $backbone that is not frozen has products for its gradient", (family) => {
  expect(stemProducts(graphOf(experimentOf(simclrApp, family, heads, false)), family).length).toBeGreaterThan(0);
});

describe.each(families)("MoCo v3 with momentum 0 on $backbone", (family) => {
  test("takes its keys from the online network of the same step, without gradient", async () => {
    const { states } = await twoSteps(experimentOf(mocoV3App, family, [...heads, "momentum=0"], false));
    for (const [step, before] of states.slice(0, 2).entries()) {
      const target = below(states[step + 1], "target/"); // moved before the keys, to where online stood
      expect(target.size).toBeGreaterThan(0);
      for (const [path, { data }] of target) expect(data, path).toEqual(before.get(`online/${path}`)?.data);
    }
  });

  test("trains from beginning to end: losses that change, a kNN number, a summary", async () => {
    const { backbone, small } = family;
    const run = planSmall(mocoV3App, { backbone, batch: 16, epochs: 2 }, [...small, ...heads, "momentum=0", "checkpoint.keep=1"]);
    const { outcome, events } = await trainSmall(run);
    const losses = events.flatMap((event) => (event.kind === "step" ? [event.loss] : []));
    expect(losses).toHaveLength(8);
    for (const loss of losses) expect(loss).toSatisfy((x: number) => x > 0 && x < 10);
    expect(new Set(losses).size).toBeGreaterThan(1);
    expect(outcome.kind === "finished" && (outcome.summary.knn?.trained ?? 0) > 0).toBe(true);
  });
});
