import {
  add,
  concat,
  constant,
  evaluate,
  exp,
  linear,
  mul,
  relu,
  reshape,
  scope,
  sum,
  type Tensor,
  tfModule,
  topK,
  valueAndGradient,
} from "@twinview/core";
import { expectClose, slow } from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import { interpret } from "./interpret.test.kit.ts";
import { dropDeadCode } from "./passes/dead-code.ts";
import { type InputSpec, trace } from "./trace.ts";

const floats = (...shape: number[]): InputSpec => ({ shape, dtype: "float32" });
const opsOf = (graph: ReturnType<typeof trace>): readonly string[] => graph.nodes.map(({ op }) => op);

describe("trace", () => {
  test("records what a function computes", () => {
    const graph = trace({ x: floats(2, 3), w: floats(3, 2), b: floats(2) }, ({ x, w, b }) => ({
      y: relu(linear(x as Tensor, w as Tensor, b as Tensor)),
    }));
    expect(opsOf(graph)).toEqual(["matmul", "relu"]);
    expect(graph.inputs.map(({ name, value }) => [name, value.shape])).toEqual([
      ["x", [2, 3]],
      ["w", [3, 2]],
      ["b", [2]],
    ]);
    const y = interpret(graph, { x: slow([1, 2, 3, -1, -2, -3], [2, 3]), w: slow([1, 0, 0, 1, 1, 1], [3, 2]), b: slow([10, 0]) }).y;
    expectClose(y as never, slow([14, 5, 6, 0], [2, 2]), { absolute: 1e-12 });
  });

  test("labels nodes with the scope they stand in, gradients with that of their operation", () => {
    const graph = trace({ x: floats(2, 3), w: floats(3, 2) }, ({ x, w }) => {
      const { value, gradients } = valueAndGradient(
        (at: { readonly w: Tensor }) => ({
          value: sum(exp(scope("online", () => scope("fc", () => linear(x as Tensor, at.w))))),
          aux: null,
        }),
        { w: w as Tensor },
      );
      return { value, w: gradients.w };
    });
    expect(
      dropDeadCode(graph)
        .nodes.filter(({ op }) => op === "matmul")
        .map(({ path }) => path),
    ).toEqual(["online/fc", "gradient/online/fc"]);
  });

  test("drops the gradients that nobody reads", () => {
    const graph = trace({ x: floats(2, 3), w: floats(3, 2) }, ({ x, w }) => ({
      w: valueAndGradient((at: { readonly w: Tensor }) => ({ value: sum(linear(x as Tensor, at.w)), aux: null }), { w: w as Tensor })
        .gradients.w,
    }));
    expect(opsOf(dropDeadCode(graph)).filter((op) => op === "matmul")).toHaveLength(1); // x^T dy; neither the value nor dy w^T
  });

  test("computes equal things once", () => {
    const graph = trace({ x: floats(4) }, ({ x }) => ({
      y: add(exp(x as Tensor), exp(x as Tensor)),
      z: mul(exp(x as Tensor), constant([2], [])),
    }));
    expect(opsOf(graph)).toEqual(["exp", "add", "mul"]);
  });

  test("takes bytes in as float32, whole numbers as they are, and gives out operations' second outputs", () => {
    const graph = trace({ pixels: { shape: [2, 2], dtype: "uint8" }, places: { shape: [2], dtype: "int32" } }, ({ pixels, places }) => ({
      best: topK(pixels as Tensor, 1).indices,
      places: places as Tensor,
    }));
    expect(graph.inputs.map(({ value }) => value.type)).toEqual(["uint8", "int32"]);
    expect(opsOf(graph)).toEqual(["cast", "topK"]);
    expect(graph.outputs.map(({ value }) => value.type)).toEqual(["int32", "int32"]);
  });

  test("keeps the order of many parts of a concat", () => {
    const names = Array.from({ length: 12 }, (_, i) => `x${i}`);
    const graph = trace(Object.fromEntries(names.map((name) => [name, floats(1)])), (inputs) => ({
      y: concat(
        names.map((name) => inputs[name] as Tensor),
        0,
      ),
    }));
    const y = interpret(graph, Object.fromEntries(names.map((name, i) => [name, slow([i])]))).y;
    expect([...(y?.data ?? [])]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  test("does not read values: there are none", () => {
    expect(() =>
      trace({ x: floats(2) }, ({ x }) => {
        (x as unknown as { dataSync: () => unknown }).dataSync();
        return {};
      }),
    ).toThrow(/readSync/);
  });

  test("does not nest, and is over after an error", () => {
    expect(() => trace({ x: floats(2) }, () => trace({}, () => ({})) as never)).toThrow("trace: traces do not nest");
    expect(() =>
      trace({}, () => {
        throw new Error("inside");
      }),
    ).toThrow("inside");
    expect(opsOf(trace({ x: floats(2) }, ({ x }) => ({ y: exp(x as Tensor) })))).toEqual(["exp"]);
  });

  test("leaves tfjs on the backend it was on, and no tensors behind", () => {
    const one = (): unknown => evaluate(() => exp(constant([0], [])));
    one();
    const { tf } = tfModule();
    const [backend, tensors] = [tf.getBackend(), tf.memory().numTensors];
    trace({ x: floats(2) }, ({ x }) => ({ y: reshape(exp(x as Tensor), [2, 1]) }));
    expect([tf.getBackend(), tf.memory().numTensors]).toEqual([backend, tensors]);
    expect(one()).toMatchObject({ data: Float32Array.of(1) });
  });
});
