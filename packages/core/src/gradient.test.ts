import { describe, expect, test } from "vitest";
import {
  add,
  checkOption,
  checkShape,
  constant,
  evaluate,
  type HostArray,
  type HostTree,
  hostArray,
  mul,
  ShapeError,
  scope,
  stopGradient,
  sum,
  type Tensor,
  tfModule,
  toTensors,
  valueAndGradient,
} from "./index.ts";

const numbers = (values: readonly number[]): Tensor => constant(values, [values.length]);

describe("valueAndGradient", () => {
  test("differentiates by every leaf of a tree, and hands through what else was computed", () => {
    const out = evaluate(() => {
      const params = { a: { w: numbers([1, 2]) }, b: numbers([3, 4]), nothing: null };
      return valueAndGradient(({ a, b }) => ({ value: sum(mul(mul(a.w, a.w), b)), aux: { product: mul(a.w, b) } }), params);
    }) as unknown as { value: HostArray; aux: { product: HostArray }; gradients: { a: { w: HostArray }; b: HostArray; nothing: null } };
    expect(out.value.data).toEqual(Float32Array.of(1 * 3 + 4 * 4));
    expect(out.aux.product.data).toEqual(Float32Array.of(3, 8));
    expect(out.gradients.a.w.data).toEqual(Float32Array.of(2 * 1 * 3, 2 * 2 * 4));
    expect(out.gradients.b.data).toEqual(Float32Array.of(1, 4));
    expect(out.gradients.nothing).toBeNull();
  });

  test("gives zeros for leaves that the value does not depend on", () => {
    const out = evaluate(
      () => valueAndGradient(({ a }) => ({ value: sum(a), aux: null }), { a: numbers([1, 2]), unused: numbers([5, 6, 7]) }).gradients,
    );
    expect(out).toEqual({ a: hostArray([1, 1], [2]), unused: hostArray([0, 0, 0], [3]) });
  });

  test("lets nothing through when the whole value stands behind stopGradient", () => {
    const out = evaluate(() => valueAndGradient(({ a }) => ({ value: stopGradient(sum(a)), aux: null }), { a: numbers([1, 2]) }).gradients);
    expect(out).toEqual({ a: hostArray([0, 0], [2]) });
  });

  test("adds up the gradients of a leaf that is read twice, and of two leaves that are one tensor", () => {
    const out = evaluate(() => {
      const shared = numbers([2, 3]);
      return valueAndGradient(({ a, b }) => ({ value: sum(add(mul(a, 5), mul(a, b))), aux: null }), { a: shared, b: numbers([1, 1]) })
        .gradients;
    });
    expect(out).toEqual({ a: hostArray([6, 6], [2]), b: hostArray([2, 3], [2]) });
  });
});

describe("evaluate and toTensors", () => {
  const tree: HostTree = {
    floats: hostArray([1.5, -2], [2]),
    whole: { shape: [2], dtype: "int32", data: Int32Array.of(3, -4) },
    none: null,
  };

  test("carry numbers in and out unchanged", () => {
    expect(evaluate(() => toTensors(tree))).toEqual(tree);
  });

  test("turn bytes into float32", () => {
    const out = evaluate(() => toTensors({ shape: [3], dtype: "uint8", data: Uint8Array.of(0, 128, 255) }));
    expect(out).toEqual(hostArray([0, 128, 255], [3]));
  });

  test("give copies: writing to a result changes neither the source nor another result", () => {
    const [first, second] = [evaluate(() => toTensors(tree)), evaluate(() => toTensors(tree))] as unknown as { floats: HostArray }[];
    (first?.floats.data as Float32Array)[0] = 99;
    expect([second?.floats.data[0], (tree as unknown as { floats: HostArray }).floats.data[0]]).toEqual([1.5, 1.5]);
  });

  test("leave no tensor behind, not even after an error", () => {
    const count = (): number => tfModule().tf.memory().numTensors;
    const before = count();
    evaluate(() => add(numbers([1]), numbers([2])));
    expect(() =>
      evaluate(() => {
        add(numbers([1]), 2);
        throw new ShapeError("in the middle");
      }),
    ).toThrow(new ShapeError("in the middle"));
    expect(count()).toBe(before);
  });
});

describe("scope", () => {
  const path = (): string => tfModule().scopePath();

  test("labels with the names around it, and ends with its function, even by an error", () => {
    const seen = scope("online", () => [path(), scope("block00", path), path()]);
    expect(seen).toEqual(["online", "online/block00", "online"]);
    expect(() =>
      scope("online", () =>
        scope("deep", () => {
          throw new Error("x");
        }),
      ),
    ).toThrow("x");
    expect(path()).toBe("");
  });
});

describe("checks", () => {
  test("checkShape names function, argument, shape and expectation", () => {
    expect(() => checkShape("infoNce", "k", [256, 64], [256, 128])).toThrow(
      new ShapeError("infoNce: k has shape [256, 64], expected [256, 128]"),
    );
    expect(() => checkShape("f", "x", [2], [null, 3])).toThrow(new ShapeError("f: x has shape [2], expected [any, 3]"));
    expect(() => checkShape("f", "x", [2, 3], [null, 3])).not.toThrow();
  });

  test("checkOption names function, option, value and requirement", () => {
    expect(() => checkOption("vit", "patch", 7, false, "a divisor of 32")).toThrow(
      new ShapeError("vit: patch is 7, expected a divisor of 32"),
    );
    expect(() => checkOption("vit", "patch", 8, true, "a divisor of 32")).not.toThrow();
  });

  test("a ShapeError is an Error with that name", () => {
    const error = new ShapeError("text");
    expect([error instanceof Error, error.name, error.message]).toEqual([true, "ShapeError", "text"]);
  });
});
