import { constant, evaluate, type HostArray, ones, rngOf } from "@twinview/core";
import { drawn, expectClose } from "@twinview/testkit";
import { describe, expect, it } from "vitest";
import { identity } from "./head.ts";
import { prototypes, unitPrototypes } from "./prototypes.ts";

describe("prototypes", () => {
  it("scores rows against columns, which unitPrototypes scales to length 1", () => {
    const [x, w] = [drawn([3, 4], { seed: 1 }), drawn([4, 5], { seed: 2 })];
    const { out } = evaluate(() => {
      const params = unitPrototypes({ w: constant(Array.from(w.data), w.shape) });
      return { out: prototypes({ dim: 4, count: 5 }).apply(params, constant(Array.from(x.data), x.shape)) };
    }) as { readonly out: HostArray };
    const expected = Array.from({ length: 15 }, (_, flat) => {
      const [b, k] = [Math.floor(flat / 5), flat % 5];
      const column = [0, 1, 2, 3].map((i) => w.data[i * 5 + k] as number);
      const length = Math.hypot(...column);
      return column.reduce((sum, value, i) => sum + (value * (x.data[b * 4 + i] as number)) / length, 0);
    });
    expectClose({ shape: [3, 5], data: out.data }, { shape: [3, 5], data: expected }, { absolute: 1e-6 });
  });

  it("leaves a prototype of zeros at zero", () => {
    const { w } = evaluate(() => unitPrototypes({ w: constant([0, 3, 0, 4], [2, 2]) }) as never) as unknown as { readonly w: HostArray };
    expectClose(w.data, [0, 0.6, 0, 0.8], { absolute: 1e-6 });
  });

  it("refuses fewer than two", () => {
    expect(() => prototypes({ dim: 4, count: 1 })).toThrow("prototypes: count is 1, expected at least two prototypes");
  });
});

describe("identity", () => {
  it("hands its input through and has no parameters", () => {
    const x = ones([2, 3]);
    expect(identity.apply(identity.init(rngOf(1)), x)).toBe(x);
    expect(Object.keys(identity.init(rngOf(1)))).toEqual([]);
  });
});
