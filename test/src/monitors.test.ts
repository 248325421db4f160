import { evaluate, type HostArray, type HostTree, leaves, rngOf, type Scalar, type Tensor, type Tree, toTensors } from "@twinview/core";
import type { TrainingState, TrainingStep } from "@twinview/methods";
import { adamw, type Transform } from "@twinview/optim";
import { expectClose, lengthOf } from "@twinview/testkit";
import { vit } from "@twinview/vit";
import { describe, expect, test } from "vitest";
import { drawnPictures, scalarArray, shaken } from "./conformance/trees.ts";
import { batch, type MethodRow, methods, side } from "./tables/methods.ts";
import { smallest } from "./tables/modules.ts";

interface Stepped {
  readonly state: HostTree;
  readonly metrics: Readonly<Record<string, HostArray>>;
}

const advance = (row: MethodRow, step: TrainingStep<string>, state: HostTree, hyper: Readonly<Record<string, number>>): Stepped =>
  evaluate(() => {
    const fed: Readonly<Record<string, number>> = { ...row.hyper, ...hyper };
    const scalars = Object.fromEntries(step.hyper.map((name) => [name, toTensors(scalarArray(fed[name] as number)) as Scalar]));
    const views = row.views.map(({ size }, view) => toTensors(drawnPictures(batch, size, { seed: 7, view })) as Tensor);
    return step.step({ state: toTensors(state) as unknown as TrainingState, views, hyper: scalars }) as unknown as Tree<Tensor>;
  }) as unknown as Stepped;

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

/** Outputs of the blocks of the small encoder on normalised images, one layer after the other, without its own bookkeeping. */
const deviationsOf = (row: MethodRow, state: HostTree): ReadonlyMap<string, number> => {
  const encoder = vit({ size: smallest, patch: 4, image: side, readout: "average" });
  const [first] = row.views;
  const pixels = drawnPictures(batch, first?.size as number, { seed: 7, view: 0 });
  const mean = [0.485, 0.456, 0.406];
  const deviation = [0.229, 0.224, 0.225];
  const normal = Float32Array.from(pixels.data, (x, i) => (x / 255 - (mean[i % 3] as number)) / (deviation[i % 3] as number));
  const outputs = evaluate(() => {
    const params = toTensors((state as { readonly online: { readonly encoder: HostTree } }).online.encoder);
    const images = toTensors({ shape: pixels.shape, dtype: "float32", data: normal }) as Tensor;
    return (encoder.apply({ params: params as never, state: null }, images, { train: true, hyper: {} }).activations ?? {}) as Tree<Tensor>;
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
    expect([...given.keys()]).toEqual(["patch", "block00", "block01"]);
    for (const [name, value] of given) expectClose(value, expected.get(name) as number, { name, relative: 1e-4 });
  });

  test("watching changes nothing: without monitors the step gives the very same state and loss, and the loss alone", () => {
    const optimizer = adamw() as Transform<unknown, string>;
    const [watched, blind] = [row.step({ optimizer }), row.step({ optimizer, monitors: false })];
    const from = shakenState(watched);
    const [a, b] = [advance(row, watched, from, { lr: 0.01, wd: 0.1 }), advance(row, blind, from, { lr: 0.01, wd: 0.1 })];
    expect(b.state).toEqual(a.state);
    expect(b.metrics).toEqual({ loss: a.metrics.loss });
  });
});
