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
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dipsOf, embeddingStd, gradientNorms, type Spike, spikeDetector } from "./index.ts";

fc.configureGlobal({ seed: 1 });

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

/** All spikes of curves by layer, step after step. */
const watched = (curves: Readonly<Record<string, readonly number[]>>, options: Parameters<typeof spikeDetector>[0]): readonly Spike[] => {
  const { start, watch } = spikeDetector(options);
  let history = start;
  const steps = Math.max(...Object.values(curves).map((curve) => curve.length));
  return Array.from({ length: steps }).flatMap((_, step) => {
    const norms = Object.fromEntries(Object.entries(curves).map(([layer, curve]) => [layer, curve[step] as number]));
    const seen = watch(history, step, norms);
    history = seen.history;
    return seen.spikes;
  });
};

describe("spikeDetector", () => {
  test("names layer, step and ratio of a norm far above the median of its window", () => {
    const flat = new Array<number>(20).fill(2);
    const spiking = flat.map((x, i) => (i === 12 ? 9 : x));
    expect(watched({ patch: spiking, head: flat }, { window: 8, ratio: 3 })).toEqual([{ step: 12, layer: "patch", ratio: 4.5 }]);
  });

  test("waits for half a window", () => {
    const early = [1, 1, 50, 1, 1, 50, 1];
    expect(watched({ a: early }, { window: 8, ratio: 3 }).map(({ step }) => step)).toEqual([5]);
    expect(watched({ a: early }, { window: 4, ratio: 3 }).map(({ step }) => step)).toEqual([2, 5]);
  });

  test("follows a slow rise without calling it a spike, and forgets what left its window", () => {
    const rising = Array.from({ length: 200 }, (_, i) => 1.02 ** i);
    expect(watched({ a: rising }, { window: 16, ratio: 3 })).toEqual([]);
    const step = [...new Array<number>(20).fill(1), ...new Array<number>(20).fill(10)];
    expect(watched({ a: step }, { window: 8, ratio: 3 }).map((spike) => spike.step)).toEqual([20, 21, 22, 23]); // then tens are the median's half
  });

  test("is not moved by one spike: the next step is measured against the same median", () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 40 }), fc.double({ min: 4, max: 1e6, noNaN: true }), (window, height) => {
        const curve = Array.from({ length: 3 * window }, (_, i) => (i === 2 * window ? height : 1));
        expect(watched({ a: curve }, { window, ratio: 3 })).toEqual([{ step: 2 * window, layer: "a", ratio: height }]);
      }),
    );
  });

  test("does not depend on the unit of the norms", () => {
    const next = core.uniforms(core.rngOf(5));
    const curve = Array.from({ length: 100 }, () => (next() < 0.05 ? 10 : 1) * (0.5 + next()));
    const steps = (unit: number): readonly number[] => watched({ a: curve.map((x) => x * unit) }, { window: 16 }).map(({ step }) => step);
    expect(steps(1).length).toBeGreaterThan(0);
    expect(steps(1024)).toEqual(steps(1));
  });

  test("keeps a window's numbers, no more, and leaves the history it was given as it was", () => {
    const { start, watch } = spikeDetector({ window: 4 });
    let history = start;
    for (let step = 0; step < 10; step++) history = watch(history, step, { a: step }).history;
    expect(history).toEqual({ a: [6, 7, 8, 9] });
    watch(history, 10, { a: 10 });
    expect(history).toEqual({ a: [6, 7, 8, 9] });
  });

  test("calls a first gradient after none at all a spike, and none among zeros", () => {
    expect(watched({ a: new Array<number>(20).fill(0) }, { window: 8 })).toEqual([]);
    const born = [...new Array<number>(10).fill(0), 1e-3];
    expect(watched({ a: born }, { window: 8 }).map(({ step }) => step)).toEqual([10]);
  });
});

describe("dipsOf", () => {
  test("finds where a curve lies below its best so far by more than the depth", () => {
    expect(dipsOf([0.5, 0.6, 0.59, 0.57, 0.61, 0.58, 0.7])).toEqual([3, 5]);
    expect(dipsOf([0.5, 0.6, 0.55, 0.57], { depth: 0.04 })).toEqual([2]);
    expect(dipsOf([])).toEqual([]);
  });

  test("finds none in a curve that never falls, and all of one that only falls", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1 }), (values) => {
        const rising = [...values].sort((a, b) => a - b);
        expect(dipsOf(rising)).toEqual([]);
        const falling = rising.map((_, i) => -i);
        expect(dipsOf(falling)).toEqual(falling.map((_, i) => i).slice(1));
      }),
    );
  });
});
