import { describe, expect, test } from "vitest";
import { graphBuilder } from "./builder.ts";
import { costOf, memoryOf, valueBytes } from "./cost.ts";
import { type Graph, only, type Value } from "./graph.ts";
import { printGraph } from "./print.ts";

const none = {} as const;
const plain = { transposeA: false, transposeB: false, alpha: 1 };

/** `relu(x W + b) summed over columns`, for x [4, 3] and W [3, 5]. */
const small = (): Graph => {
  const b = graphBuilder();
  const x = b.input("input:x", [4, 3], "float32");
  const bytes = b.input("input:pixels", [2], "uint8");
  const w = b.input("state:fc/w", [3, 5], "float32");
  const bias = b.constant(Float32Array.of(1, 2, 3, 4, 5), [5], "float32");
  const product = only(b.node("matmul", [x, w, bias], plain, "online/fc"));
  const active = only(b.node("relu", [product], none, ""));
  const half = only(b.node("mul", [active, b.scalar(0.5)], none, ""));
  b.node("cast", [bytes], { to: "float32" }, "pixels");
  const best = b.node("topK", [half], { k: 2 }, "eval");
  return b.finish([
    { name: "output:values", value: best[0] as Value },
    { name: "output:sum", value: only(b.node("reduceSum", [half], { axes: [1] }, "")) },
  ]);
};

test("a graph prints as text: inputs, constants, nodes with attributes, types, paths, outputs", () => {
  expect(printGraph(small())).toBe(
    `${[
      '%0 = input "input:x" [4, 3]',
      '%1 = input "input:pixels" uint8 [2]',
      '%2 = input "state:fc/w" [3, 5]',
      "%3 = constant [5]",
      "%6 = constant [] 0.5",
      "%4 = matmul(%0, %2, %3) {transposeA=false, transposeB=false, alpha=1} [4, 5]  # online/fc",
      "%5 = relu(%4) [4, 5]",
      "%7 = mul(%5, %6) [4, 5]",
      '%8 = cast(%1) {to="float32"} [2]  # pixels',
      "%9, %10 = topK(%7) {k=2} [4, 2], int32 [4, 2]  # eval",
      "%11 = reduceSum(%7) {axes=[1]} [4, 1]",
      'output "output:values" = %9',
      'output "output:sum" = %11',
    ].join("\n")}\n`,
  );
});

describe("costOf", () => {
  test("counts 2 M N K for a product and one for each number that anything else makes", () => {
    // 2 * 4 * 5 * 3; relu 20, mul 20, cast 2, topK 8 + 8, sum 4
    expect(costOf(small())).toEqual({ matmulFlops: 120, otherFlops: 62, nodes: 6 });
  });

  test("takes the inner length from the right axis of a transposed operand, and batches into account", () => {
    const b = graphBuilder();
    const [x, y] = [b.input("x", [7, 3, 4], "float32"), b.input("y", [7, 5, 3], "float32")];
    const product = only(b.node("matmul", [x, y], { transposeA: true, transposeB: true, alpha: 1 }, ""));
    expect(product.shape).toEqual([7, 4, 5]);
    expect(costOf(b.finish([{ name: "out", value: product }])).matmulFlops).toBe(2 * 7 * 4 * 5 * 3);
  });

  test("counts 2 for each weight of a convolution at each of its places", () => {
    const b = graphBuilder();
    const [x, w] = [b.input("x", [2, 3, 8, 8], "float32"), b.input("w", [5, 3, 3, 3], "float32")];
    const out = only(b.node("convolution", [x, w], { strides: [2, 2], dilations: [1, 1], before: [1, 1], after: [1, 1] }, ""));
    expect(out.shape).toEqual([2, 5, 4, 4]);
    expect(costOf(b.finish([{ name: "out", value: out }])).matmulFlops).toBe(2 * 27 * 2 * 5 * 16);
  });
});

describe("memoryOf", () => {
  const chain = (build: (b: ReturnType<typeof graphBuilder>, x: Value) => Value): Graph => {
    const b = graphBuilder();
    const x = b.input("x", [100], "float32");
    return b.finish([{ name: "out", value: build(b, x) }]);
  };
  const step = (b: ReturnType<typeof graphBuilder>, op: "exp" | "neg" | "abs" | "sqrt", x: Value): Value => only(b.node(op, [x], none, ""));

  test("frees a value after its last reader: a chain holds two at a time", () => {
    const graph = chain((b, x) => step(b, "abs", step(b, "exp", step(b, "neg", step(b, "sqrt", x)))));
    expect(memoryOf(graph)).toEqual({ inputs: 400, constants: 0, outputs: 400, peakIntermediates: 800 });
  });

  test("keeps a value alive until its last reader", () => {
    const graph = chain((b, x) => {
      const early = step(b, "exp", x);
      const late = step(b, "neg", step(b, "sqrt", step(b, "abs", early)));
      return only(b.node("add", [early, late], none, ""));
    });
    expect(memoryOf(graph).peakIntermediates).toBe(1200); // early, and two of the chain
  });

  test("gives reshapes no memory of their own, and what nobody reads none after its node", () => {
    const shaped = chain((b, x) => step(b, "abs", only(b.node("reshape", [step(b, "exp", x)], { shape: [10, 10] }, ""))));
    expect(memoryOf(shaped).peakIntermediates).toBe(400);
    const unread = chain((b, x) => {
      step(b, "neg", x);
      return step(b, "abs", step(b, "exp", x));
    });
    expect(memoryOf(unread).peakIntermediates).toBe(400);
  });

  test("counts bytes by type", () => {
    const sizes = (["float32", "int32", "int64", "uint8", "bool"] as const).map((type) => valueBytes({ id: 0, shape: [3, 5], type }));
    expect(sizes).toEqual([60, 60, 120, 15, 15]);
  });
});

describe("graphBuilder", () => {
  test("makes equal nodes and equal small constants once", () => {
    const b = graphBuilder();
    const x = b.input("x", [2], "float32");
    const add = (y: Value): Value => only(b.node("add", [x, y], none, "first"));
    expect(add(b.scalar(1))).toBe(add(b.scalar(1)));
    expect(only(b.node("add", [x, b.scalar(1)], none, "second"))).toBe(add(b.scalar(1)));
    expect(b.constant(Float32Array.of(1, 2), [2], "float32")).toBe(b.constant(Float32Array.of(1, 2), [2], "float32"));
  });

  test("tells apart what differs in operation, order, attributes, shape, type, or the sign of zero", () => {
    const b = graphBuilder();
    const [x, y] = [b.input("x", [2], "float32"), b.input("y", [2], "float32")];
    const made = [
      only(b.node("add", [x, y], none, "")),
      only(b.node("sub", [x, y], none, "")),
      only(b.node("sub", [y, x], none, "")),
      only(b.node("reduceSum", [x], { axes: [0] }, "")),
      only(b.node("reduceSum", [x], { axes: [] }, "")),
      b.scalar(0),
      b.scalar(-0),
      b.constant(Float32Array.of(0), [1], "float32"),
      b.constant(Int32Array.of(0), [], "int32"),
    ];
    expect(new Set(made).size).toBe(made.length);
  });

  test("keeps one constant for each large array, by identity", () => {
    const b = graphBuilder();
    const data = new Float32Array(100);
    expect(b.constant(data, [100], "float32")).toBe(b.constant(data, [100], "float32"));
    expect(b.constant(data, [10, 10], "float32")).not.toBe(b.constant(data, [100], "float32"));
    expect(b.constant(new Float32Array(100), [100], "float32")).not.toBe(b.constant(data, [100], "float32"));
  });

  test("remembers numbers of constants and makers of values", () => {
    const b = graphBuilder();
    const x = b.input("x", [2], "float32");
    const y = only(b.node("neg", [x], none, ""));
    expect([b.constantOf(b.scalar(3))?.[0], b.constantOf(x), b.producer(y)?.op, b.producer(x)]).toEqual([3, undefined, "neg", undefined]);
  });
});
