import {
  evaluate,
  type HostArray,
  type HostTree,
  leaves,
  mapTree,
  rngOf,
  type Scalar,
  type Tensor,
  type Tree,
  toTensors,
} from "@twinview/core";
import { type Compiled, compile } from "@twinview/engine";
import type { TrainingState, TrainingStep } from "@twinview/methods";
import { adamw, type Transform } from "@twinview/optim";
import { difference, expectClose, lengthOf, slope } from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import { batch, type MethodRow, methods } from "../tables/methods.ts";
import { methodProgram } from "./programs.ts";
import { drawnPictures, leafAt, scalarArray, shaken, structureOf } from "./trees.ts";

const viewsOf = ({ views }: MethodRow): readonly HostArray[] =>
  views.map(({ size }, view) => drawnPictures(batch, size, { seed: 7, view }));

/** The state at the start, with parameters off their starting values, and a target of its own. */
const shakenState = (step: TrainingStep<string>): HostTree =>
  shaken(
    evaluate(() => step.init(rngOf(4)) as unknown as Tree<Tensor>),
    (path) => /^(online|target)\//.test(path),
  );

interface Stepped {
  readonly state: HostTree;
  readonly metrics: Readonly<Record<string, HostArray>>;
}

const advance = (row: MethodRow, step: TrainingStep<string>, state: HostTree, hyper: Readonly<Record<string, number>> = {}): Stepped =>
  evaluate(() => {
    const fed = { lr: 1, wd: 0, ...row.hyper, ...hyper };
    const scalars = Object.fromEntries(step.hyper.map((name) => [name, toTensors(scalarArray(fed[name as "lr"] as number)) as Scalar]));
    const views = viewsOf(row).map((view) => toTensors(view) as Tensor);
    return step.step({ state: toTensors(state) as unknown as TrainingState, views, hyper: scalars }) as unknown as Tree<Tensor>;
  }) as unknown as Stepped;

const numberOf = (x: HostArray | undefined): number => x?.data[0] as number;
const under = (tree: HostTree, prefix: string): ReadonlyMap<string, HostArray> =>
  new Map(
    leaves<HostArray>(tree)
      .filter(([path]) => path.startsWith(prefix))
      .map(([path, leaf]) => [path.slice(prefix.length), leaf]),
  );

/** Gradients by path below `online`: the velocity of a descent that has taken one step. */
const gradientsOf = (after: HostTree): ReadonlyMap<string, Float64Array> =>
  new Map([...under(after, "optimizer/momentum/velocity/")].map(([path, { data }]) => [path, Float64Array.from(data)]));

describe.each(methods)("method $name", (row) => {
  const step = row.step();
  const state = shakenState(step);

  test("has a finite loss, and metrics that are finite scalars", () => {
    const { metrics } = advance(row, step, state);
    expect(Object.keys(metrics)).toContain("loss");
    for (const [name, { shape, data }] of Object.entries(metrics)) {
      expect(shape, name).toEqual([]);
      expect(Number.isFinite(data[0]), name).toBe(true);
    }
  });

  test("sends a gradient to every parameter of the encoder and of the heads", () => {
    const { metrics } = advance(row, step, state);
    for (const path of under(state, "online/").keys()) expect(numberOf(metrics[`gradientNorm/${path}`]), path).toBeGreaterThan(0);
  });

  // one direction, the gradient's own, for each group of layers: encoder/patch, encoder/blocks, heads/projector
  const groupOf = (path: string): string => path.split("/").slice(0, 2).join("/");
  const groups = row.slopes ? [...new Set([...under(state, "online/").keys()].map(groupOf))] : [];
  describe.each(groups.map((group) => ({ group })))("its gradient by $group", ({ group }) => {
    test("is what finite differences of its loss show, the target held still", () => {
      const hyper = { momentum: 1 };
      const gradients = gradientsOf(advance(row, step, state, hyper).state);
      const members = new Map([...gradients].filter(([path]) => groupOf(path) === group).map(([path, g]) => [`online/${path}`, g]));
      const length = lengthOf(Float64Array.from([...members.values()].flatMap((g) => [...g])));
      const lossAt = (h: number): number => {
        const moved = mapTree<HostArray, HostArray>((leaf, at) => {
          const along = members.get(at);
          return along ? { ...leaf, data: Float32Array.from(leaf.data, (x, i) => x + (h * (along[i] as number)) / length) } : leaf;
        }, state);
        return numberOf(advance(row, step, moved, hyper).metrics.loss);
      };
      // The loss is one float32 number: its rounding costs 1.5 * 2^-24 |loss| / h. Rectifiers in the heads have kinks, so shorter
      // steps are tried until one crosses none, as long as their noise leaves the gradient to be seen.
      const noise = (h: number): number => (4 * 1.5 * 2 ** -24) / h;
      const wrong: (string | undefined)[] = [];
      for (const h of [1e-3, 3e-4, 1e-4, 3e-5].filter((each) => noise(each) < 0.05 * length)) {
        if (wrong.includes(undefined)) break;
        wrong.push(difference(length, slope(lossAt, h), { absolute: noise(h), relative: 2e-3 }));
      }
      expect(wrong.includes(undefined), `gradient of length ${length}: ${wrong.join("; ")}`).toBe(true);
    });
  });

  test("moves the target by its average alone, and no gradient flows through the average", () => {
    if (!row.hasTarget) {
      expect((state as { readonly target: unknown }).target).toBeNull();
      return;
    }
    const after = row.targetMoves === "after-update";
    const momentum = row.hyper.momentum as number;
    const moved = advance(row, step, state);
    const followed = after ? moved.state : state; // the online network that the target follows
    for (const [path, old] of under(state, "target/")) {
      const online = leafAt(followed, `online/${path}`).data;
      const expected = Float64Array.from(old.data, (t, i) => momentum * t + (1 - momentum) * (online[i] as number));
      expectClose(
        leafAt(moved.state, `target/${path}`),
        { shape: old.shape, data: expected },
        { name: path, absolute: 1e-7, relative: 1e-6 },
      );
    }
    // Keys come from the moved target where it moves first, from the old one where it moves last: a step with that target held
    // still has the same loss and the same online gradient.
    const target = under(after ? state : moved.state, "");
    const later = mapTree<HostArray, HostArray>(
      (leaf, path) => (path.startsWith("target/") ? (target.get(path) as HostArray) : leaf),
      state,
    );
    const still = advance(row, step, later, { momentum: 1 });
    expectClose(numberOf(still.metrics.loss), numberOf(moved.metrics.loss), { name: "loss", relative: 1e-6 });
    const [a, b] = [gradientsOf(moved.state), gradientsOf(still.state)];
    for (const [path, gradient] of a) expectClose(gradient, b.get(path) as Float64Array, { name: path, absolute: 1e-6, relative: 1e-4 });
  });

  test("leaks no gradient through a target that is the very tensors of the online network", () => {
    const begun = evaluate(() => step.init(rngOf(4)) as unknown as Tree<Tensor>);
    const separate = mapTree<HostArray, HostArray>(
      (leaf, path) => (path.startsWith("target/") ? leafAt(begun, path.replace("target/", "online/")) : leaf),
      begun,
    );
    const shared = evaluate(() => {
      const online = toTensors(under0(separate, "online") as HostTree) as unknown as TrainingState["online"];
      const target = row.hasTarget ? sharedTarget(separate, online) : null;
      const rest = toTensors(separate) as unknown as TrainingState;
      const scalars = Object.fromEntries(
        step.hyper.map((name) => [name, toTensors(scalarArray({ lr: 1, wd: 0, ...row.hyper }[name as "lr"] as number)) as Scalar]),
      );
      const views = viewsOf(row).map((view) => toTensors(view) as Tensor);
      return step.step({ state: { ...rest, online, target }, views, hyper: scalars }).state as unknown as Tree<Tensor>;
    });
    const apart = advance(row, step, separate).state;
    for (const [path, leaf] of under(apart, "online/")) expect(leafAt(shared, `online/${path}`), path).toEqual(leaf);
  });

  test("keeps the structure of its state, and gives bit-equal numbers twice", () => {
    const first = advance(row, step, state);
    expect(structureOf(first.state)).toEqual(structureOf(state));
    expect(advance(row, step, state)).toEqual(first);
  });

  test("gives the same step in chunks as at once", () => {
    const [whole, chunked] = [advance(row, step, state), advance(row, row.step({ chunk: 4 }), state)];
    expectClose(numberOf(chunked.metrics.loss), numberOf(whole.metrics.loss), { name: "loss", relative: 1e-6 });
    const [a, b] = [gradientsOf(whole.state), gradientsOf(chunked.state)];
    for (const [path, gradient] of a) expectClose(b.get(path) as Float64Array, gradient, { name: path, absolute: 1e-6, ofLargest: 1e-4 });
  });

  describe("with the patch projection, or a ResNet's stem, frozen", () => {
    const optimizer = adamw() as Transform<unknown, string>;
    const frozen = row.step({ freezePatch: true, optimizer });
    const begun = evaluate(() => frozen.init(rngOf(4)) as unknown as Tree<Tensor>);
    const inStem = (path: string): boolean => row.stem.some((layer) => path.startsWith(`encoder/${layer}/`));

    test("leaves it bit-identical, without state in the optimizer, while all else moves", () => {
      const state = shaken(begun, (path) => /^online\//.test(path) && !inStem(path.slice("online/".length)));
      const { state: after, metrics } = advance(row, frozen, state, { lr: 0.01, wd: 0.1 });
      for (const [path, leaf] of under(state, "online/")) {
        if (inStem(path)) expect(leafAt(after, `online/${path}`), path).toEqual(leaf);
        else expect(leafAt(after, `online/${path}`), path).not.toEqual(leaf);
        expect(`gradientNorm/${path}` in metrics, path).toBe(!inStem(path));
      }
      const kept = [...under(begun, "optimizer/adam/mu/").keys()];
      expect(kept.filter(inStem)).toEqual([]);
      expect(kept.sort()).toEqual([...under(begun, "online/").keys()].filter((path) => !inStem(path)).sort());
    });

    test("computes no gradient for it", () => {
      const compiled = (each: TrainingStep<string>): Compiled["graph"] =>
        compile(methodProgram(row, each), each === frozen ? begun : evaluate(() => each.init(rngOf(4)) as unknown as Tree<Tensor>)).graph;
      const inGradientOfStem = (path: string): boolean => row.stem.some((layer) => `${path}/`.startsWith(`gradient/online/${layer}/`));
      const products = ({ nodes }: Compiled["graph"]): number =>
        nodes.filter((node) => /^(matmul|conv)/.test(node.op) && inGradientOfStem(node.path)).length;
      const graph = compiled(frozen);
      expect(products(compiled(row.step({ optimizer })))).toBeGreaterThan(0);
      expect(products(graph)).toBe(0);
      expect(graph.outputs.map(({ name }) => name).filter((name) => inStem(name.replace(/^.*online\//, "")))).toEqual([]);
    });
  });
});

const under0 = (tree: HostTree, name: string): HostTree => (tree as { readonly [name: string]: HostTree })[name] ?? null;

/** The target part of a state, built from the online network's own tensors. */
const sharedTarget = (state: HostTree, online: TrainingState["online"]): NonNullable<TrainingState["target"]> => {
  const own = new Map(leaves<Tensor>(online as unknown as Tree<Tensor>));
  return mapTree<HostArray, Tensor>((_, path) => own.get(path) as Tensor, under0(state, "target")) as unknown as NonNullable<
    TrainingState["target"]
  >;
};
