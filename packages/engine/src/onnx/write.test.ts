import { expectClose, slow } from "@twinview/testkit";
import ort from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { graphBuilder } from "../builder.ts";
import { type Graph, type Node, only, type Value } from "../graph.ts";
import { interpret, interpreted } from "../interpret.test.kit.ts";
import { randomGraph } from "../random-graph.test.kit.ts";
import { decodeModel } from "./decode.test.kit.ts";
import { writeOnnx } from "./write.ts";

const none = {} as const;

/** A graph's outputs by onnxruntime. */
const run = async (
  graph: Graph,
  inputs: Readonly<Record<string, { readonly data: ArrayLike<number>; readonly shape: readonly number[] }>>,
) => {
  const read = new Set(graph.nodes.flatMap((node) => node.inputs).concat(graph.outputs.map(({ value }) => value)));
  const model = writeOnnx({ ...graph, inputs: graph.inputs.filter(({ value }) => read.has(value)) });
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 });
  const feeds = Object.fromEntries(
    session.inputNames.map((name) => {
      const { data, shape } = inputs[name] as { data: ArrayLike<number>; shape: readonly number[] };
      return [name, new ort.Tensor("float32", Float32Array.from(data), [...shape])];
    }),
  );
  const outputs = await session.run(feeds);
  await session.release();
  return outputs;
};

describe("writeOnnx", () => {
  test("gives onnxruntime the meaning that the interpreter gives, on random graphs", async () => {
    const seen = new Set<Node["op"]>();
    for (let seed = 1; seed <= 25; seed++) {
      const { graph, inputs } = randomGraph(seed);
      for (const { op } of graph.nodes) seen.add(op);
      const found = await run(graph, inputs);
      for (const [name, expected] of Object.entries(interpret(graph, inputs))) {
        const { data, dims } = found[name] as ort.Tensor;
        expectClose({ data: data as Float32Array, shape: dims }, expected, {
          name: `seed ${seed}, ${name}`,
          ofLargest: 2e-5,
          absolute: 2e-6,
        });
      }
    }
    // a graph is drawn of all that the interpreter knows, but for topK, which the next test has
    expect([...seen].sort()).toEqual(interpreted.filter((op) => op !== "topK").sort());
  });

  test("turns int64 places of topK into int32", async () => {
    const b = graphBuilder();
    const x = b.input("x", [2, 4], "float32");
    const [values, indices] = b.node("topK", [x], { k: 2 }, "") as [Value, Value];
    const found = await run(
      b.finish([
        { name: "v", value: values },
        { name: "i", value: indices },
      ]),
      { x: slow([3, 1, 2, 9, 5, 6, 7, 8], [2, 4]) },
    );
    expect([...((found.v as ort.Tensor).data as Float32Array)]).toEqual([9, 3, 8, 7]);
    expect([found.i?.type, ...((found.i as ort.Tensor).data as Int32Array)]).toEqual(["int32", 3, 0, 3, 2]);
  });

  test("gives out inputs, constants and one value under two names", async () => {
    const b = graphBuilder();
    const x = b.input("x", [2], "float32");
    const y = only(b.node("neg", [x], none, ""));
    const graph = b.finish([
      { name: "same", value: x },
      { name: "constant", value: b.constant(Float32Array.of(7, 8), [2], "float32") },
      { name: "first", value: y },
      { name: "second", value: y },
    ]);
    const found = await run(graph, { x: slow([1, 2]) });
    expect(Object.fromEntries(Object.entries(found).map(([name, { data }]) => [name, [...(data as Float32Array)]]))).toEqual({
      same: [1, 2],
      constant: [7, 8],
      first: [-1, -2],
      second: [-1, -2],
    });
  });

  test("says versions, names and the path of each node", () => {
    const b = graphBuilder();
    const x = b.input("state:fc/w", [2, 3], "float32");
    const product = only(b.node("matmul", [x, x], { transposeA: false, transposeB: true, alpha: 0.5 }, "online/fc"));
    const model = decodeModel(writeOnnx(b.finish([{ name: "write:fc/w", value: product }])));
    expect([model.irVersion, model.opsets]).toEqual([9, { "": 20, "com.microsoft": 1 }]);
    expect([model.inputs, model.outputs, model.initializers]).toEqual([["state:fc/w"], ["write:fc/w"], []]);
    expect(model.nodes).toEqual([
      {
        type: "Gemm",
        domain: "",
        name: "online/fc#0",
        inputs: ["state:fc/w", "state:fc/w"],
        outputs: ["write:fc/w"],
        attributes: { transA: 0, transB: 1, alpha: 0.5 },
      },
    ]);
  });

  test("chooses Gemm for matrices, MatMul for plain batches, FusedMatMul for turned or scaled ones", () => {
    const b = graphBuilder();
    const [m, n] = [b.input("m", [3, 3], "float32"), b.input("n", [2, 3, 3], "float32")];
    const plain = { transposeA: false, transposeB: false, alpha: 1 };
    const made = [
      only(b.node("matmul", [m, m], plain, "")),
      only(b.node("matmul", [m, m, m], { ...plain, alpha: 2 }, "")),
      only(b.node("matmul", [n, n], plain, "")),
      only(b.node("matmul", [n, n], { ...plain, transposeB: true }, "")),
      only(b.node("matmul", [n, n], { ...plain, alpha: 2 }, "")),
    ];
    const { nodes } = decodeModel(writeOnnx(b.finish(made.map((value, i) => ({ name: `y${i}`, value })))));
    expect(nodes.map(({ type, domain }) => [type, domain])).toEqual([
      ["Gemm", ""],
      ["Gemm", ""],
      ["MatMul", ""],
      ["FusedMatMul", "com.microsoft"],
      ["FusedMatMul", "com.microsoft"],
    ]);
  });

  test("writes equal index lists once", () => {
    const b = graphBuilder();
    const [x, y] = [b.input("x", [2, 3], "float32"), b.input("y", [2, 3], "float32")];
    const flat = [x, y].map((value) => only(b.node("reshape", [value], { shape: [6] }, "")));
    const model = decodeModel(writeOnnx(b.finish(flat.map((value, i) => ({ name: `y${i}`, value })))));
    expect(model.initializers).toHaveLength(1);
  });
});
