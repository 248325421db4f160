import * as core from "@twinview/core";
import { at, drawn, expectClose, fromIndex, fromRows, type Numbers, operationChecks, type Slow, slow } from "@twinview/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type SinkhornOptions, sinkhorn } from "./sinkhorn.ts";
import { rowsOf } from "./slow-losses.test.kit.ts";

const { numbersOf, gradientsOf } = operationChecks<core.Tensor>(core as never);
const tensor = ({ data, shape }: Numbers): core.Tensor => core.constant(Array.from(data), shape);
const codesOf = (scores: Numbers, options: SinkhornOptions): Numbers => numbersOf(() => sinkhorn(tensor(scores), options));

/** The published loop in float64, on the matrix itself: prototypes to sum 1 / K each, then images to sum 1 / N each. */
const slowSinkhorn = (scores: Slow, epsilon: number, iterations: number): Slow => {
  const rows = rowsOf(scores);
  const [images, prototypes] = scores.shape as readonly [number, number];
  const top = Math.max(...scores.data); // exp of scores / epsilon overflows float64 from 709 on; the loop does not see a common factor
  let q = rows.map((row) => row.map((score) => Math.exp((score - top) / epsilon)));
  for (let i = 0; i < iterations; i++) {
    const byPrototype = Array.from({ length: prototypes }, (_, k) => q.reduce((sum, row) => sum + (row[k] as number), 0));
    q = q.map((row) => row.map((value, k) => value / ((byPrototype[k] as number) * prototypes)));
    q = q.map((row) => {
      const total = row.reduce((a, b) => a + b, 0);
      return row.map((value) => value / (total * images));
    });
  }
  return fromRows(q.map((row) => row.map((value) => value * images)));
};

describe("sinkhorn", () => {
  for (const iterations of [1, 3, 10]) {
    it(`equals the published loop after ${iterations} iterations`, () => {
      const scores = drawn([12, 5], { seed: iterations });
      expectClose(codesOf(scores, { epsilon: 0.05, iterations }), slowSinkhorn(scores, 0.05, iterations), { ofLargest: 1e-5 });
    });
  }

  it("is a softmax over the prototypes without iterations", () => {
    const scores = drawn([4, 3], { seed: 3 });
    const soft = fromIndex([4, 3], (n, k) => {
      const total = [0, 1, 2].reduce((sum, j) => sum + Math.exp((at(scores, n, j) - at(scores, n, k)) / 0.2), 0);
      return 1 / total;
    });
    expectClose(codesOf(scores, { epsilon: 0.2, iterations: 0 }), soft, { ofLargest: 2e-6 });
  });

  it("gives rows of sum 1 and, with many iterations, prototypes that are used equally", () => {
    const codes = codesOf(drawn([20, 4], { seed: 5 }), { epsilon: 0.3, iterations: 100 });
    for (let n = 0; n < 20; n++)
      expectClose(
        [0, 1, 2, 3].reduce((sum, k) => sum + at(codes, n, k), 0),
        1,
        { absolute: 1e-6 },
      );
    for (let k = 0; k < 4; k++) {
      const used = Array.from({ length: 20 }, (_, n) => at(codes, n, k)).reduce((a, b) => a + b, 0);
      expectClose(used, 5, { relative: 1e-3 });
    }
  });

  it("survives an epsilon of 1e-3 with scores of +-1, where exp(score / epsilon) is infinite", () => {
    const scores = slow([1, -1, -1, 1, -1, 1, 1, -1, 1, -1, 1, -1], [6, 2]); // four images prefer prototype 0, two prefer 1
    const codes = codesOf(scores, { epsilon: 1e-3, iterations: 3 });
    expect(Array.from(codes.data).every(Number.isFinite)).toBe(true);
    expectClose(codes, slowSinkhorn(scores, 0.05, 3), { absolute: 1e-3 }); // both are at their limit: 1 and 0
    expect(Math.exp(Math.fround(1 / 1e-3))).toBe(Number.POSITIVE_INFINITY);
  });

  it("gives finite codes with rows of sum 1 for any scores in [-1, 1] and any epsilon", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 2, max: 6 }),
        fc.double({ min: 1e-4, max: 10, noNaN: true }),
        fc.integer({ min: 0, max: 5 }),
        fc.integer({ min: 0, max: 1000 }),
        (images, prototypes, epsilon, iterations, seed) => {
          const codes = codesOf(drawn([images, prototypes], { seed }), { epsilon, iterations });
          const sums = Array.from({ length: images }, (_, n) =>
            Array.from({ length: prototypes }, (_, k) => at(codes, n, k)).reduce((a, b) => a + b, 0),
          );
          expectClose(sums, new Float64Array(images).fill(1), { absolute: 1e-5 });
          expect(Array.from(codes.data).every((value) => value >= 0)).toBe(true);
        },
      ),
      { numRuns: 60, seed: 1 },
    );
  });

  it("does not see rows that are absent", () => {
    const scores = drawn([8, 3], { seed: 9 });
    const present = () => core.constant([1, 0, 1, 1, 0, 1, 1, 1], [8]);
    const kept = rowsOf(scores).filter((_, n) => n !== 1 && n !== 4);
    const all = numbersOf(() => sinkhorn(tensor(scores), { epsilon: 0.05, present: present() }));
    const some = rowsOf(slow(all.data, all.shape)).filter((_, n) => n !== 1 && n !== 4);
    expectClose(fromRows(some), codesOf(fromRows(kept), { epsilon: 0.05 }), { absolute: 1e-6 });
  });

  it("carries no gradient", () => {
    const scores = drawn([4, 3], { seed: 2 });
    const { scores: gradient } = gradientsOf(({ scores: x }) => sinkhorn(x, { epsilon: 0.05 }), { scores }, drawn([4, 3], { seed: 8 }));
    expectClose(gradient, { shape: [4, 3], data: new Float64Array(12) }, {});
  });

  it("refuses options out of range", () => {
    const x = core.constant([1, 0], [1, 2]);
    expect(() => sinkhorn(x, { epsilon: 0 })).toThrow("sinkhorn: epsilon is 0, expected a number above 0");
    expect(() => sinkhorn(x, { epsilon: 1, iterations: -1 })).toThrow("sinkhorn: iterations is -1, expected a whole number, at least 0");
    expect(() => sinkhorn(x, { epsilon: 1, present: core.constant([1, 1], [2]) })).toThrow("sinkhorn: present has shape [2], expected [1]");
  });
});
