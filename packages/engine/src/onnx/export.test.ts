import {
  add,
  broadcastTo,
  concat,
  constant,
  hostArray,
  matMul,
  mean,
  mul,
  reshape,
  slice,
  sum,
  type Tensor,
  transpose,
} from "@twinview/core";
import { drawn, expectClose } from "@twinview/testkit";
import ort from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import type { Program } from "../engine.ts";
import { referenceEngine } from "../reference-engine.ts";
import { decodeModel } from "./decode.test.kit.ts";
import { exportOnnx } from "./export.ts";

const width = 6;
const state = {
  w: hostArray(Float32Array.from(drawn([width, width], { seed: 1 }).data), [width, width]),
  token: hostArray([1, 2, 3, 4, 5, 6], [width]),
};

/** A token in front of three rows of each image, products of batches that are turned and scaled, a cut and a flattened result. */
const program = (batch: number): Program => ({
  inputs: { x: { shape: [batch, 3, width], dtype: "float32" } },
  run: ({ state: held, inputs }) => {
    const { w, token } = held as unknown as { readonly w: Tensor; readonly token: Tensor };
    const x = inputs.x as Tensor;
    const rows = concat([broadcastTo(reshape(token, [1, 1, width]), [batch, 1, width]), x], 1);
    const mixed = reshape(matMul(reshape(rows, [batch * 4, width]), w), [batch, 4, width]);
    const scores = matMul(mixed, rows, { transposeB: true, alpha: 0.5 }); // [B, 4, 4]
    const out = matMul(scores, mixed, { transposeA: true });
    return { outputs: { y: reshape(slice(transpose(out, [1, 0, 2]), { axis: 0, start: 1, length: 2 }), [2 * batch, width]) } };
  },
});

const byOnnxruntime = async (model: Uint8Array, x: ReturnType<typeof drawn>) => {
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const { y } = await session.run({ x: new ort.Tensor("float32", Float32Array.from(x.data), [...x.shape]) });
  await session.release();
  return { shape: y?.dims ?? [], data: y?.data as Float32Array };
};

describe("exportOnnx", () => {
  const model = exportOnnx(program, state);

  test.each([1, 2, 7])("gives a file that takes %i images", async (batch) => {
    const x = drawn([batch, 3, width], { seed: batch });
    const session = await referenceEngine().open({ state, programs: { program: program(batch) } });
    const { outputs } = await session.run("program", { x: hostArray(Float32Array.from(x.data), x.shape) });
    await session.close();
    expectClose(await byOnnxruntime(model, x), outputs.y as never, { ofLargest: 1e-5 });
  });

  test("has standard operations only, the state inside, and plain names", () => {
    const { nodes, inputs, outputs } = decodeModel(model);
    expect([inputs, outputs]).toEqual([["x"], ["y"]]);
    expect(nodes.filter(({ domain }) => domain !== "")).toEqual([]);
    expect(nodes.map(({ type }) => type)).not.toContain("Expand"); // it would fix the batch
  });

  const refusing = (out: (x: Tensor, batch: number) => Tensor) => () =>
    exportOnnx(
      (batch) => ({
        inputs: { x: { shape: [batch, width], dtype: "float32" } },
        run: ({ inputs }) => ({ outputs: { y: out(inputs.x as Tensor, batch) } }),
      }),
      null,
    );

  test("refuses what depends on the size of the batch", () => {
    expect(refusing((x) => reshape(mean(x, { axes: [0] }), [1, width]))).not.toThrow(); // an average over any batch is open, too
    expect(refusing((x, batch) => mul(x, 1 / batch))).toThrow("dynamicBatch: a constant depends on the batch");
    expect(refusing((x, batch) => slice(x, { axis: 0, start: 0, length: batch - 1 }))).toThrow("cuts the batch");
    expect(
      refusing((x, batch) =>
        add(
          x,
          constant(
            Float32Array.from({ length: batch }, (_, i) => i),
            [batch, 1],
          ),
        ),
      ),
    ).toThrow("fills the batch");
    expect(refusing((x) => sum(x))).toThrow("exportOnnx: the outputs y are single numbers");
  });
});
