import { readFileSync } from "node:fs";
import { evaluate, type HostArray, type HostTree, hostArray, leaves, mapTree, type Scalar, type Tensor, toTensors } from "@twinview/core";
import { expectClose, type Numbers } from "@twinview/testkit";
import { describe, expect, it } from "vitest";
import { clipAdaptively, clipByGlobalNorm } from "./clip.ts";
import { lamb, larc, lars, larsClassic } from "./layerwise.ts";
import { decayMatrices, excludeBiasAndNorm } from "./masks.ts";
import type { TensorTree, Transform } from "./transform.ts";
import { applyUpdates } from "./transforms.ts";
import { scaleByTrustRatio } from "./trust-ratio.ts";

type Arrays = Readonly<Record<string, Numbers>>;

interface Golden {
  readonly lr: readonly number[];
  readonly lambRate: number;
  readonly wd: number;
  readonly trust: number;
  readonly momentum: number;
  readonly start: Arrays;
  readonly gradients: readonly Arrays[];
  readonly cases: Readonly<Record<string, readonly Arrays[]>>;
  readonly clipByGlobalNorm: { readonly norm: number; readonly clipped: readonly Arrays[] };
  readonly clipAdaptively: { readonly ratio: number; readonly floor: number; readonly clipped: readonly Arrays[] };
}

// written by golden/layerwise.py
const golden = JSON.parse(readFileSync(new URL("../golden/layerwise.json", import.meta.url), "utf8")) as Golden;

/** `{ "fc/w": .. }` as a tree. */
const treeOf = (arrays: Arrays): HostTree => {
  const tree: Record<string, HostTree> = {};
  for (const [path, { shape, data }] of Object.entries(arrays)) {
    const [layer, name] = path.split("/") as [string, string?];
    const leaf = hostArray(Array.from(data), shape);
    if (name === undefined) tree[layer] = leaf as never;
    else tree[layer] = { ...(tree[layer] as object), [name]: leaf } as HostTree;
  }
  return tree;
};
const flat = (tree: HostTree): ReadonlyMap<string, HostArray> => new Map(leaves<HostArray>(tree));

/** The tensors after each of the golden steps. */
const run = (optimizer: Transform<unknown, "lr" | "wd">, rate: number): readonly ReadonlyMap<string, HostArray>[] => {
  let params = treeOf(golden.start);
  let state = evaluate(() => optimizer.init(toTensors(params)) as TensorTree);
  return golden.lr.map((lr, step) => {
    const after = evaluate(() => {
      const scalar = (value: number): Scalar => toTensors(hostArray([value], [])) as Scalar;
      const now = toTensors(params);
      const updates = toTensors(treeOf(golden.gradients[step] as Arrays));
      const out = optimizer.update({
        updates,
        state: toTensors(state),
        params: now,
        hyper: { lr: scalar(rate * lr), wd: scalar(golden.wd) },
      });
      return { params: applyUpdates(now, out.updates), state: out.state as TensorTree };
    }) as { readonly params: HostTree; readonly state: HostTree };
    ({ params, state } = after);
    return flat(params);
  });
};

const { trust, momentum } = golden;
const cases = {
  lars: lars({ trust, momentum }),
  larsByol: lars({ trust, momentum, mask: excludeBiasAndNorm }),
  larsClassic: larsClassic({ trust, momentum }),
  larsClassicNesterov: larsClassic({ trust, momentum, nesterov: true }),
  larc: larc({ trust, momentum }),
  lamb: lamb(),
  lambMatrices: lamb({ mask: decayMatrices }),
} as const;

describe("layer-wise optimizers against their sources", () => {
  it("has every golden case", () => {
    expect(Object.keys(golden.cases)).toEqual(Object.keys(cases));
  });

  for (const [name, optimizer] of Object.entries(cases)) {
    it(`${name}: six steps with a rate that changes`, () => {
      const rate = name.startsWith("lamb") ? golden.lambRate : 1;
      for (const [step, found] of run(optimizer as never, rate).entries()) {
        const expected = golden.cases[name]?.[step] as Arrays;
        for (const [path, values] of Object.entries(expected)) {
          const { shape, data } = found.get(path) as HostArray;
          expectClose({ shape, data }, values, { name: `step ${step}, ${path}`, relative: 2e-6, absolute: 2e-6 });
        }
      }
    });
  }

  it("the variants differ from each other by more than their tolerance", () => {
    const last = (name: string): number[] => Object.values(golden.cases[name]?.at(-1) as Arrays).flatMap(({ data }) => Array.from(data));
    const names = Object.keys(cases);
    for (const [i, a] of names.entries()) {
      for (const b of names.slice(i + 1)) {
        const [x, y] = [last(a), last(b)];
        expect(Math.max(...x.map((value, at) => Math.abs(value - (y[at] as number)))), `${a} and ${b}`).toBeGreaterThan(1e-3);
      }
    }
  });
});

/** Updates that a transform without scalars makes of each of the golden gradients. */
const transformed = (transform: Transform<null>): readonly ReadonlyMap<string, HostArray>[] =>
  golden.gradients.map((gradients) =>
    flat(
      evaluate(
        () =>
          transform.update({
            updates: toTensors(treeOf(gradients)),
            state: null,
            params: toTensors(treeOf(golden.start)),
            hyper: {} as never,
          }).updates,
      ),
    ),
  );

describe("clipping", () => {
  for (const [name, transform] of [
    ["clipByGlobalNorm", clipByGlobalNorm(golden.clipByGlobalNorm.norm)],
    ["clipAdaptively", clipAdaptively({ ratio: golden.clipAdaptively.ratio, floor: golden.clipAdaptively.floor })],
  ] as const) {
    it(`${name} equals ${name === "clipByGlobalNorm" ? "torch's" : "timm's"}, where it binds and where it does not`, () => {
      let bound = 0;
      for (const [step, found] of transformed(transform).entries()) {
        for (const [path, values] of Object.entries(golden[name].clipped[step] as Arrays)) {
          const { shape, data } = found.get(path) as HostArray;
          expectClose({ shape, data }, values, { name: `step ${step}, ${path}`, relative: 2e-6, absolute: 1e-7 });
          const raw = golden.gradients[step]?.[path]?.data as ArrayLike<number>;
          if (Array.from(data).some((x, i) => Math.abs(x - (raw[i] as number)) > 1e-4)) bound++;
        }
      }
      expect(bound).toBeGreaterThan(0);
      expect(bound).toBeLessThan(golden.gradients.length * Object.keys(golden.start).length);
    });
  }

  it("clips what the mask names and nothing else", () => {
    const [found] = transformed(clipAdaptively({ ratio: 1e-3, mask: (path) => path === "fc/w" })) as [ReadonlyMap<string, HostArray>];
    const raw = golden.gradients[0] as Arrays;
    expectClose(found.get("conv/w")?.data as Float32Array, raw["conv/w"]?.data as number[], { relative: 1e-7 });
    expect(Math.abs(found.get("fc/w")?.data[0] as number)).toBeLessThan(Math.abs(raw["fc/w"]?.data[0] as number));
  });

  it("leaves gradients of zero at zero", () => {
    const still = mapTree<HostArray, HostArray>((leaf) => hostArray(new Float32Array(leaf.data.length), leaf.shape), treeOf(golden.start));
    for (const transform of [clipByGlobalNorm(1), clipAdaptively(), scaleByTrustRatio()]) {
      const { updates } = evaluate(() => ({
        updates: transform.update({ updates: toTensors(still), state: null, params: toTensors(treeOf(golden.start)), hyper: {} as never })
          .updates as Tensor as never,
      })) as { readonly updates: HostTree };
      for (const [path, { data }] of flat(updates))
        expect(
          Array.from(data).every((x) => x === 0),
          path,
        ).toBe(true);
    }
  });

  it("refuses limits that are not above 0", () => {
    expect(() => clipByGlobalNorm(0)).toThrow("clipByGlobalNorm: norm is 0, expected a number above 0");
    expect(() => clipAdaptively({ ratio: -1 })).toThrow("clipAdaptively: ratio is -1, expected a number above 0");
    expect(() => clipAdaptively({ floor: 0 })).toThrow("clipAdaptively: floor is 0, expected a number above 0");
  });
});

describe("masks", () => {
  it("tell by rank and by name", () => {
    expect(
      ["encoder/patch/w", "encoder/patch/b", "heads/projector/bn1/scale", "x/shift", "encoder/token"].map((p) => excludeBiasAndNorm(p, [])),
    ).toEqual([true, false, false, false, true]);
    expect([[3, 4], [4], [], [2, 3, 2, 2]].map((shape) => decayMatrices("", shape))).toEqual([true, false, false, true]);
  });
});
