import { evaluate, type HostArray, type HostTree, leaves, rngOf, type Scalar, type Tensor, type Tree, toTensors } from "@twinview/core";
import type { TrainingState, TrainingStep } from "@twinview/methods";
import { adamw, clipByGlobalNorm, clippedBy, sgd, type Transform } from "@twinview/optim";
import { expectClose, lengthOf } from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import { drawnPictures, scalarArray, shaken } from "./conformance/trees.ts";
import { type Rows, slowCollapseMetrics, slowPrototypeUse } from "./slow-collapse.ts";
import { batch, type MethodRow, methods } from "./tables/methods.ts";

interface Stepped {
  readonly state: HostTree;
  readonly metrics: Readonly<Record<string, HostArray>>;
}

type Fed = Parameters<TrainingStep<string>["step"]>[0];

/** What a step is given: the state, drawn pictures as views, and the scalars it asks for. */
const fedWith = (row: MethodRow, step: TrainingStep<string>, state: HostTree, hyper: Readonly<Record<string, number>>): Fed => {
  const numbers: Readonly<Record<string, number>> = { ...row.hyper, ...hyper };
  return {
    state: toTensors(state) as unknown as TrainingState,
    views: row.views.map(({ size }, view) => toTensors(drawnPictures(batch, size, { seed: 7, view })) as Tensor),
    hyper: Object.fromEntries(step.hyper.map((name) => [name, toTensors(scalarArray(numbers[name] as number)) as Scalar])),
  };
};

const advance = (row: MethodRow, step: TrainingStep<string>, state: HostTree, hyper: Readonly<Record<string, number>>): Stepped =>
  evaluate(() => step.step(fedWith(row, step, state, hyper)) as unknown as Tree<Tensor>) as unknown as Stepped;

const rowsOf = ({ shape, data }: HostArray): Rows => {
  const [rows, width] = shape as readonly [number, number];
  return Array.from({ length: rows }, (_, i) => Array.from(data.slice(i * width, (i + 1) * width)));
};

const shakenState = (step: TrainingStep<string>): HostTree =>
  shaken(
    evaluate(() => step.init(rngOf(4)) as unknown as Tree<Tensor>),
    (path) => /^(online|target)\//.test(path),
  );

const online = (state: HostTree): ReadonlyMap<string, HostArray> =>
  new Map(leaves<HostArray>((state as { readonly online: HostTree }).online));

const named = (metrics: Stepped["metrics"], prefix: string): ReadonlyMap<string, number> =>
  new Map(
    Object.entries(metrics).flatMap(([name, x]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), x.data[0] as number]] : [])),
  );

/** Norms and ratios by loops over the numbers of the states before and after. */
const moves = (before: HostTree, after: HostTree) =>
  [...online(before)].map(([path, leaf]) => {
    const moved = online(after).get(path) as HostArray;
    const difference = Array.from(leaf.data, (x, i) => (moved.data[i] as number) - x);
    return { path, rank: leaf.shape.length, move: lengthOf(difference), weight: lengthOf(leaf.data) };
  });

/** Images as the step encodes them first: those of the first view, with the others of its size where they are one batch. */
const firstImages = ({ views, encoder, joinsViews }: MethodRow): HostArray => {
  const size = views[0]?.size as number;
  const together = encoder.mixesImages && joinsViews ? views.flatMap((view, i) => (view.size === size ? [i] : [])) : [0];
  const bytes = together.flatMap((view) => Array.from(drawnPictures(batch, size, { seed: 7, view }).data));
  const mean = [0.485, 0.456, 0.406];
  const deviation = [0.229, 0.224, 0.225];
  const normal = Float32Array.from(bytes, (x, i) => (x / 255 - (mean[i % 3] as number)) / (deviation[i % 3] as number));
  return { shape: [together.length * batch, size, size, 3], dtype: "float32", data: normal };
};

/** Scales of the outputs of the encoder's layers on those images. */
const deviationsOf = (row: MethodRow, state: HostTree): ReadonlyMap<string, number> => {
  const outputs = evaluate(() => {
    const { online: network, statistics } = toTensors(state) as unknown as TrainingState;
    const images = toTensors(firstImages(row)) as Tensor;
    const vars = { params: network.encoder as never, state: statistics.online as never };
    return (row.encoder.apply(vars, images, { train: true, hyper: {} }).activations ?? {}) as Tree<Tensor>;
  }) as unknown as Readonly<Record<string, HostArray>>;
  return new Map(
    Object.entries(outputs).map(([name, output]) => {
      const data = Float64Array.from(output.data);
      const average = data.reduce((a, b) => a + b, 0) / data.length;
      return [name, Math.sqrt(data.reduce((total, x) => total + (x - average) ** 2, 0) / data.length)];
    }),
  );
};

describe.each(methods)("monitors of $name", (row) => {
  const step = row.step();
  const state = shakenState(step);

  test("gradient norms and update-to-weight ratios are those of the numbers before and after a step of plain descent", () => {
    const lr = 0.5;
    const { state: after, metrics } = advance(row, step, state, { lr, wd: 0 });
    const norms = named(metrics, "gradientNorm/");
    const ratios = named(metrics, "updateRatio/");
    const projects = row.name.startsWith("swav"); // its prototypes are put back on the sphere: their move is not the gradient
    for (const { path, rank, move, weight } of moves(state, after)) {
      if (!(projects && path.includes("prototypes")))
        expectClose(norms.get(path) as number, move / lr, { name: path, relative: 1e-3, absolute: 1e-5 });
      if (rank > 1) expectClose(ratios.get(path) as number, move / weight, { name: path, relative: 1e-4, absolute: 1e-7 });
      expect(ratios.has(path), path).toBe(rank > 1);
    }
    expect(norms.size).toBe(online(state).size);
  });

  test("scales of the layers' outputs are those of the blocks' outputs on the first images, by name", () => {
    const { metrics } = advance(row, row.step({ chunk: batch }), state, { lr: 0.5, wd: 0 });
    const expected = deviationsOf(row, state);
    const given = named(metrics, "activation/");
    const stages = [1, 2, 3, 4].map((stage) => `layer${stage}`);
    expect([...given.keys()]).toEqual(row.encoder.mixesImages ? ["stem", ...stages] : ["patch", "block00", "block01"]);
    for (const [name, value] of given) expectClose(value, expected.get(name) as number, { name, relative: 1e-4 });
  });

  test("collapse metrics are those of the method's embeddings, the use of prototypes where it has any", () => {
    const { metrics } = advance(row, step, state, { lr: 0.5, wd: 0 });
    const { first, second } = evaluate(() => {
      const [a, b] = row.embeddings(fedWith(row, step, state, { lr: 0.5, wd: 0 }));
      return { first: a, second: b };
    }) as unknown as Readonly<Record<"first" | "second", HostArray>>;
    const prototypes = online(state).get("heads/prototypes/w");
    const expected = {
      ...slowCollapseMetrics(rowsOf(first), rowsOf(second)),
      ...(prototypes === undefined ? {} : slowPrototypeUse(rowsOf(first), rowsOf(prototypes), 0.1)),
    };
    const given = Object.keys(metrics).filter((name) => name !== "loss" && !name.includes("/"));
    expect(given.sort()).toEqual(Object.keys(expected).sort());
    for (const [name, value] of Object.entries(expected))
      expectClose(metrics[name]?.data[0] as number, value, { name, relative: 1e-4, absolute: 1e-6 });
  });

  test("gradient norms are those before any clipping", () => {
    const optimizer = (clips: boolean) => (clips ? clippedBy(clipByGlobalNorm(1e-3), sgd()) : sgd()) as Transform<unknown, string>;
    const [raw, clipped] = [false, true].map((clips) =>
      advance(row, row.step({ optimizer: optimizer(clips) }), shakenState(row.step({ optimizer: optimizer(clips) })), { lr: 0.5, wd: 0 }),
    ) as [Stepped, Stepped];
    expect(named(clipped.metrics, "gradientNorm/")).toEqual(named(raw.metrics, "gradientNorm/"));
    expect(clipped.state).not.toEqual(raw.state);
  });

  test("watching changes nothing: without monitors the step gives the very same state and loss, and the norm of the whole gradient", () => {
    const optimizer = adamw() as Transform<unknown, string>;
    const [watched, blind] = [row.step({ optimizer }), row.step({ optimizer, monitors: false })];
    const from = shakenState(watched);
    const [a, b] = [advance(row, watched, from, { lr: 0.01, wd: 0.1 }), advance(row, blind, from, { lr: 0.01, wd: 0.1 })];
    expect(b.state).toEqual(a.state);
    expect(Object.keys(b.metrics)).toEqual(["loss", "gradientNorm/all"]);
    expect(b.metrics.loss).toEqual(a.metrics.loss);
    const norm = Math.hypot(...named(a.metrics, "gradientNorm/").values());
    expect(Math.abs((named(b.metrics, "gradientNorm/").get("all") as number) / norm - 1)).toBeLessThan(1e-5);
  });
});
