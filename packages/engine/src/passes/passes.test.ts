import { expectClose } from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import { graphBuilder } from "../builder.ts";
import { type Graph, type Node, type Op, only, type Value } from "../graph.ts";
import { interpret } from "../interpret.test.kit.ts";
import { printGraph } from "../print.ts";
import { randomGraph } from "../random-graph.test.kit.ts";
import { accumulateProducts } from "./accumulate.ts";
import { dropDeadCode } from "./dead-code.ts";
import { optimize } from "./optimize.ts";
import { simplify } from "./simplify.ts";

const passes = [
  { name: "dropDeadCode", pass: dropDeadCode },
  { name: "simplify", pass: simplify },
  { name: "accumulateProducts", pass: accumulateProducts },
  { name: "optimize", pass: optimize },
];

/** Every node stands behind those it reads, every value is made once, and outputs exist. */
const expectWellFormed = (graph: Graph): void => {
  const known = new Set<Value>([...graph.inputs, ...graph.constants].map(({ value }) => value));
  for (const node of graph.nodes) {
    for (const value of node.inputs) expect(known.has(value), `${node.op} reads %${value.id} before it is made`).toBe(true);
    for (const value of node.outputs) {
      expect(known.has(value), `%${value.id} is made twice`).toBe(false);
      known.add(value);
    }
  }
  for (const { name, value } of graph.outputs) expect(known.has(value), name).toBe(true);
};

const seeds = Array.from({ length: 40 }, (_, i) => i + 1);

describe.each(passes)("$name", ({ pass }) => {
  test("keeps the values of random graphs, their inputs and the names of their outputs", () => {
    for (const seed of seeds) {
      const { graph, inputs } = randomGraph(seed);
      const after = pass(graph);
      expectWellFormed(after);
      expect(after.inputs.map(({ name }) => name)).toEqual(graph.inputs.map(({ name }) => name));
      expect(after.outputs.map(({ name }) => name)).toEqual(graph.outputs.map(({ name }) => name));
      const [expected, found] = [interpret(graph, inputs), interpret(after, inputs)];
      // float64 throughout, but merged factors are rounded to float32
      for (const [name, array] of Object.entries(expected))
        expectClose(found[name] as never, array, { name: `seed ${seed}, ${name}`, ofLargest: 1e-6, absolute: 1e-7 });
    }
  });

  test("never makes a graph longer", () => {
    for (const seed of seeds) {
      const { graph } = randomGraph(seed);
      expect(pass(graph).nodes.length, `seed ${seed}`).toBeLessThanOrEqual(graph.nodes.length);
    }
  });
});

type Build = (b: ReturnType<typeof graphBuilder>, x: Value, y: Value) => Value;
const none = {} as const;
const node = <K extends Op>(
  b: ReturnType<typeof graphBuilder>,
  op: K,
  ins: readonly Value[],
  attributes: Extract<Node, { op: K }>["attributes"],
  path = "",
): Value => only(b.node(op, ins, attributes as never, path));

/** A graph over two inputs, `x [2, 3]` and `y [2, 3]`. */
const graphOf = (build: Build): Graph => {
  const b = graphBuilder();
  const [x, y] = [b.input("x", [2, 3], "float32"), b.input("y", [2, 3], "float32")];
  return b.finish([{ name: "out", value: build(b, x, y) }]);
};
/** The operations left, with what they read, numbered in the order in which they are named. */
const left = (graph: Graph): readonly string[] => {
  const numbers = new Map<string, number>();
  const text = printGraph(dropDeadCode(graph)).replace(/%\d+/g, (id) => {
    numbers.set(id, numbers.get(id) ?? numbers.size);
    return `%${numbers.get(id)}`;
  });
  return text.split("\n").filter((line) => line !== "" && !/= (input|constant)/.test(line));
};

describe("dropDeadCode", () => {
  test("keeps exactly what an output depends on", () => {
    const graph = graphOf((b, x, y) => {
      const used = node(b, "add", [x, b.scalar(3)], none);
      node(b, "mul", [node(b, "exp", [y], none), b.scalar(7)], none);
      return used;
    });
    const after = dropDeadCode(graph);
    expect(after.nodes.map(({ op }) => op)).toEqual(["add"]);
    expect(after.constants.map(({ data }) => [...data])).toEqual([[3]]);
    expect(after.inputs).toEqual(graph.inputs);
  });

  test("keeps a node of which one output is read", () => {
    const graph = graphOf((b, x) => b.node("topK", [x], { k: 2 }, "")[0] as Value);
    expect(dropDeadCode(graph).nodes).toEqual(graph.nodes);
  });
});

describe("simplify", () => {
  const zeros = (b: ReturnType<typeof graphBuilder>, shape: readonly number[], value = 0): Value =>
    b.constant(new Float32Array(shape.reduce((a, c) => a * c, 1)).fill(value), shape, "float32");
  const toInput: readonly { name: string; build: Build }[] = [
    { name: "x + 0", build: (b, x) => node(b, "add", [x, b.scalar(0)], none) },
    { name: "0 + x", build: (b, x) => node(b, "add", [zeros(b, [3]), x], none) },
    { name: "x - 0", build: (b, x) => node(b, "sub", [x, zeros(b, [2, 3])], none) },
    { name: "x * 1", build: (b, x) => node(b, "mul", [x, zeros(b, [3], 1)], none) },
    { name: "1 * x", build: (b, x) => node(b, "mul", [b.scalar(1), x], none) },
    { name: "x / 1", build: (b, x) => node(b, "div", [x, b.scalar(1)], none) },
    { name: "a reshape to its own shape", build: (b, x) => node(b, "reshape", [x], { shape: [2, 3] }) },
    { name: "a reshape there and back", build: (b, x) => node(b, "reshape", [node(b, "reshape", [x], { shape: [6] })], { shape: [2, 3] }) },
    { name: "a transpose of nothing", build: (b, x) => node(b, "transpose", [x], { order: [0, 1] }) },
    { name: "an expand to its own shape", build: (b, x) => node(b, "expand", [x], { shape: [2, 3] }) },
    { name: "a slice of everything", build: (b, x) => node(b, "slice", [x], { start: [0, 0], size: [2, 3] }) },
    { name: "a concat of one", build: (b, x) => node(b, "concat", [x], { axis: 0 }) },
    {
      name: "a sum over no numbers but one",
      build: (b, x) => {
        const column = node(b, "reshape", [x], { shape: [2, 3, 1] });
        return node(b, "reshape", [node(b, "reduceSum", [column], { axes: [2] })], { shape: [2, 3] });
      },
    },
  ];

  test.each(toInput)("$name is x", ({ build }) => {
    expect(left(simplify(graphOf(build)))).toEqual(['output "out" = %0']);
  });

  const kept: readonly { name: string; build: Build }[] = [
    { name: "0 - x", build: (b, x) => node(b, "sub", [b.scalar(0), x], none) },
    { name: "1 / x", build: (b, x) => node(b, "div", [b.scalar(1), x], none) },
    { name: "x + 1", build: (b, x) => node(b, "add", [x, b.scalar(1)], none) },
    { name: "x * 0, which is NaN for a NaN", build: (b, x) => node(b, "mul", [x, b.scalar(0)], none) },
    { name: "a sum with zeros that spreads", build: (b, x) => node(b, "add", [x, zeros(b, [4, 2, 3])], none) },
    { name: "a transpose that moves numbers", build: (b, x) => node(b, "transpose", [x], { order: [1, 0] }) },
    { name: "a slice of a part", build: (b, x) => node(b, "slice", [x], { start: [0, 1], size: [2, 2] }) },
  ];

  test.each(kept)("$name stays", ({ build }) => {
    const graph = graphOf(build);
    expect(left(simplify(graph))).toEqual(left(graph));
    expect(left(graph).length).toBeGreaterThan(1);
  });

  test("factors gather: (x * c) * d is x * (c d), on either side", () => {
    const after = simplify(graphOf((b, x) => node(b, "mul", [b.scalar(0.25), node(b, "mul", [x, b.scalar(-6)], none)], none)));
    expect(after.nodes.at(-1)).toMatchObject({ op: "mul" });
    expect(dropDeadCode(after).constants.map(({ data }) => data[0])).toEqual([-1.5]);
  });

  test("a factor on a product becomes its alpha", () => {
    const graph = graphOf((b, x, y) => {
      const product = node(b, "matmul", [x, y], { transposeA: false, transposeB: true, alpha: 0.5 });
      return node(b, "mul", [product, b.scalar(3)], none);
    });
    const after = dropDeadCode(simplify(graph));
    expect(after.nodes.map(({ op, attributes }) => [op, attributes])).toEqual([
      ["matmul", { transposeA: false, transposeB: true, alpha: 1.5 }],
    ]);
  });

  test("but not when the product is read elsewhere, where both would be computed", () => {
    const graph = graphOf((b, x, y) => {
      const product = node(b, "matmul", [x, y], { transposeA: false, transposeB: true, alpha: 1 });
      return node(b, "add", [node(b, "mul", [product, b.scalar(3)], none), product], none);
    });
    expect(left(simplify(graph))).toEqual(left(graph));
  });

  test("a reshape of a constant is a constant", () => {
    const after = simplify(
      graphOf((b, x) =>
        node(b, "add", [x, node(b, "reshape", [b.constant(Float32Array.of(1, 2, 3), [3], "float32")], { shape: [1, 3] })], none),
      ),
    );
    expect(dropDeadCode(after).nodes.map(({ op }) => op)).toEqual(["add"]);
  });

  test("a transpose that moves only axes of length 1 is a reshape", () => {
    const after = simplify(graphOf((b, x) => node(b, "transpose", [node(b, "reshape", [x], { shape: [2, 1, 3] })], { order: [1, 0, 2] })));
    expect(dropDeadCode(after).nodes.map(({ op, attributes }) => [op, attributes])).toEqual([["reshape", { shape: [1, 2, 3] }]]);
  });
});

describe("accumulateProducts", () => {
  const product = (b: ReturnType<typeof graphBuilder>, x: Value, y: Value): Value =>
    node(b, "matmul", [x, y], { transposeA: true, transposeB: false, alpha: 2 }, "there");
  const square = (b: ReturnType<typeof graphBuilder>, x: Value): Value =>
    node(b, "matmul", [x, x], { transposeA: true, transposeB: false, alpha: 1 });

  test.each([false, true])("A B + C is one product, C on either side (%s)", (before) => {
    const after = dropDeadCode(
      accumulateProducts(
        graphOf((b, x, y) => {
          const c = node(b, "exp", [square(b, x)], none);
          return node(b, "add", before ? [c, product(b, x, y)] : [product(b, x, y), c], none);
        }),
      ),
    );
    expect(after.nodes.map(({ op, inputs }) => [op, inputs.length])).toEqual([
      ["matmul", 2],
      ["exp", 1],
      ["matmul", 3],
    ]);
    expect(after.nodes.at(-1)).toMatchObject({ attributes: { transposeA: true, transposeB: false, alpha: 2 }, path: "there" });
  });

  test("a chain of sums becomes a chain of products", () => {
    const graph = graphOf((b, x, y) => node(b, "add", [node(b, "add", [product(b, x, y), product(b, y, x)], none), square(b, x)], none));
    expect(dropDeadCode(accumulateProducts(graph)).nodes.map(({ op, inputs }) => `${op} ${inputs.length}`)).toEqual([
      "matmul 2",
      "matmul 3",
      "matmul 3",
    ]);
  });

  test("not a product that is read elsewhere, nor one that spreads, nor one of batches", () => {
    const twice = graphOf((b, x, y) => {
      const p = product(b, x, y);
      return node(b, "mul", [node(b, "add", [p, node(b, "exp", [p], none)], none), p], none);
    });
    expect(left(accumulateProducts(twice))).toEqual(left(twice));
    const spreads = graphOf((b, x, y) => node(b, "add", [product(b, x, y), b.constant(Float32Array.of(1, 2, 3), [3], "float32")], none));
    expect(left(accumulateProducts(spreads))).toEqual(left(spreads));
    const batches = graphOf((b, x, y) => {
      const [p, q] = [x, y].map((value) => node(b, "reshape", [value], { shape: [1, 2, 3] })) as [Value, Value];
      return node(
        b,
        "add",
        [
          node(b, "matmul", [p, q], { transposeA: false, transposeB: true, alpha: 1 }),
          node(b, "exp", [node(b, "matmul", [q, p], { transposeA: false, transposeB: true, alpha: 1 })], none),
        ],
        none,
      );
    });
    expect(left(accumulateProducts(batches))).toEqual(left(batches));
  });
});
