import * as core from "@twinview/core";
import { evaluate, type HostArray, type Tensor } from "@twinview/core";
import {
  drawn,
  expectClose,
  fromIndex,
  lengthOf,
  operationChecks,
  rowOf,
  type Slow,
  slow,
  slowL2Normalize,
  slowTranspose,
} from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import { activationDeviations, embeddingStd, gradientNorms, updateRatios } from "./index.ts";

const { checkOperation, numbersOf } = operationChecks<Tensor>(core);
const stdOf = (z: Slow): number => numbersOf(() => embeddingStd(core.constant(Array.from(z.data), z.shape))).data[0] as number;

describe("embeddingStd", () => {
  test("equals its slow twin", () => {
    checkOperation({
      inputs: { z: drawn([7, 5], { seed: 1 }) },
      f: ({ z }) => embeddingStd(z),
      slow: ({ z }) => {
        const columns = slowTranspose(slowL2Normalize(z));
        const deviations = Array.from({ length: 5 }, (_, j) => {
          const column = rowOf(columns, j);
          const mean = column.reduce((a, b) => a + b, 0) / column.length;
          return Math.sqrt(column.reduce((total, x) => total + (x - mean) ** 2, 0) / column.length);
        });
        return slow([(Math.sqrt(5) * deviations.reduce((a, b) => a + b, 0)) / 5], []);
      },
    });
  });

  test("is 0 when all images get one feature, whatever its length, and near 1 when they spread over the sphere", () => {
    expectClose(stdOf(fromIndex([6, 8], (i = 0, j = 0) => (i + 1) * Math.sin(j + 1))), 0, { absolute: 2e-3 });
    const next = core.normals(core.rngOf(3));
    expectClose(stdOf(fromIndex([2000, 16], () => next())), 1, { absolute: 0.02 });
  });
});

test("gradientNorms are the lengths of the leaves, by path", () => {
  const [w, b] = [drawn([3, 4], { seed: 2 }), drawn([4], { seed: 3 })];
  const norms = evaluate(() =>
    gradientNorms({ patch: { w: core.constant(Array.from(w.data), [3, 4]), b: core.constant(Array.from(b.data), [4]) }, act: null }),
  ) as unknown as Readonly<Record<string, HostArray>>;
  expect(Object.keys(norms)).toEqual(["patch/w", "patch/b"]);
  expectClose(norms["patch/w"] as HostArray, slow([lengthOf(w.data)], []), { relative: 1e-6 });
  expectClose(norms["patch/b"] as HostArray, slow([lengthOf(b.data)], []), { relative: 1e-6 });
});

const tree = (f: () => Readonly<Record<string, Tensor>>): Readonly<Record<string, HostArray>> =>
  evaluate(f) as unknown as Readonly<Record<string, HostArray>>;

test("updateRatios are the lengths of the moves over the lengths of the matrices; vectors have none", () => {
  const [w, moved, b] = [drawn([3, 4], { seed: 4 }), drawn([3, 4], { seed: 5 }), drawn([4], { seed: 6 })];
  const before = () => ({ fc: { w: core.constant(Array.from(w.data), [3, 4]), b: core.constant(Array.from(b.data), [4]) } });
  const after = () => ({ fc: { w: core.constant(Array.from(moved.data), [3, 4]), b: core.constant(Array.from(b.data), [4]) } });
  const ratios = tree(() => updateRatios(before(), after()));
  const step = Array.from(w.data, (x, i) => (moved.data[i] as number) - x);
  expect(Object.keys(ratios)).toEqual(["fc/w"]);
  expectClose(ratios["fc/w"] as HostArray, slow([lengthOf(step) / lengthOf(w.data)], []), { relative: 1e-6 });
});

test("updateRatios stay finite for a matrix that starts at 0", () => {
  const ratios = tree(() => updateRatios({ w: core.zeros([2, 2]) }, { w: core.ones([2, 2]) }));
  expect(Number.isFinite(ratios.w?.data[0])).toBe(true);
});

describe("activationDeviations", () => {
  const deviation = (values: readonly number[]): number => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    return Math.sqrt(values.reduce((total, x) => total + (x - mean) ** 2, 0) / values.length);
  };

  test("are the standard deviations of the first 32 images' numbers, whatever the others hold", () => {
    const x = fromIndex([40, 3, 2], (i = 0, j = 0, k = 0) => (i < 32 ? Math.sin(7 * i + 3 * j + k) : 1e6));
    const given = tree(() => activationDeviations({ block00: core.constant(Array.from(x.data), x.shape) }));
    expectClose(given.block00 as HostArray, slow([deviation(Array.from(x.data).slice(0, 32 * 6))], []), { relative: 1e-5 });
  });

  test("find the images of maps on the second axis", () => {
    const map = fromIndex([2, 40, 2, 2], (c = 0, i = 0, h = 0, w = 0) => (i < 32 ? Math.cos(5 * c + 3 * i + 2 * h + w) : 1e6));
    const first: number[] = [];
    for (let c = 0; c < 2; c++)
      for (let i = 0; i < 32; i++) for (let p = 0; p < 4; p++) first.push(map.data[(c * 40 + i) * 4 + p] as number);
    const given = tree(() => activationDeviations({ layer1: core.constant(Array.from(map.data), map.shape) }));
    expectClose(given.layer1 as HostArray, slow([deviation(first)], []), { relative: 1e-5 });
  });
});
