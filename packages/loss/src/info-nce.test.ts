import * as core from "@twinview/core";
import { ShapeError, type Tensor, zeros } from "@twinview/core";
import { drawn, expectClose, operationChecks, slow, slowInfoNce, slowL2Normalize } from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import { infoNce } from "./index.ts";

const { checkOperation, gradientsOf, numbersOf } = operationChecks<Tensor>(core);
const q = slowL2Normalize(drawn([6, 5], { seed: 1 }));
const k = slowL2Normalize(drawn([6, 5], { seed: 2 }));
const lossOf = (a: typeof q, b: typeof q, tau: number): number =>
  numbersOf(() => infoNce(core.constant(Array.from(a.data), a.shape), core.constant(Array.from(b.data), b.shape), tau)).data[0] as number;

describe("infoNce", () => {
  test.each([0.07, 0.2, 1])("equals its slow twin at tau %f, with its gradients by queries and keys", (tau) => {
    checkOperation({ inputs: { q, k }, f: ({ q, k }) => infoNce(q, k, tau), slow: ({ q, k }) => slow([slowInfoNce(q, k, tau)], []) });
  });

  test("of queries that cannot tell keys apart is 2 tau log B", () => {
    const same = slow(new Array(12).fill(0.5), [3, 4]);
    expectClose(lossOf(same, same, 0.2), 2 * 0.2 * Math.log(3), { relative: 1e-6 });
  });

  test("of keys at right angles to each other is nearly 0 where queries match, and 2 where they match another's", () => {
    const eye = slow([1, 0, 0, 0, 1, 0, 0, 0, 1], [3, 3]);
    const turned = slow([0, 1, 0, 0, 0, 1, 1, 0, 0], [3, 3]);
    const tau = 0.05;
    expectClose(lossOf(eye, eye, tau), 0, { absolute: 1e-6 });
    expectClose(lossOf(eye, turned, tau), 2, { absolute: 1e-6 }); // 2 tau (1 / tau)
  });

  test("has a gradient whose size hardly depends on tau: that is what the factor 2 tau is for", () => {
    const norm = (tau: number): number => {
      const { q: g } = gradientsOf(({ q, k }) => infoNce(q, k, tau), { q, k }, slow([1], []));
      return Math.hypot(...Array.from(g.data));
    };
    expect(norm(0.1) / norm(0.2)).toBeGreaterThan(0.5);
    expect(norm(0.1) / norm(0.2)).toBeLessThan(2);
  });

  test("stays finite at a temperature where exp alone would overflow", () => {
    expect(Number.isFinite(lossOf(q, k, 1e-3))).toBe(true);
  });

  test("refuses keys of another shape", () => {
    expect(() => numbersOf(() => infoNce(zeros([256, 128]), zeros([256, 64]), 0.2))).toThrow(
      new ShapeError("infoNce: k has shape [256, 64], expected [256, 128]"),
    );
    expect(() => numbersOf(() => infoNce(zeros([4]), zeros([4]), 0.2))).toThrow(
      new ShapeError("infoNce: q has shape [4], expected [any, any]"),
    );
  });
});
