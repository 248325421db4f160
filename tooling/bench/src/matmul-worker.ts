// Program: one float32 matrix product on onnxruntime. Arguments: m, k, n, the number of threads.
import ort from "onnxruntime-node";
import { matmulModel } from "./matmul-model.ts";
import { serve } from "./serve.ts";

const [m, k, n, threads] = process.argv.slice(2).map(Number) as [number, number, number, number];
const tensor = (rows: number, columns: number) => new ort.Tensor("float32", new Float32Array(rows * columns).fill(0.5), [rows, columns]);
const session = await ort.InferenceSession.create(matmulModel(m, k, n), {
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  executionMode: "sequential",
});
const feeds = { a: tensor(m, k), b: tensor(k, n) };
const fetches = { c: tensor(m, n) };

await serve({
  name: `onnxruntime ${ort.env.versions.node ?? ort.env.versions.common}`,
  run: async (count) => {
    for (let i = 0; i < count; i++) await session.run(feeds, fetches);
  },
  close: () => session.release(),
});
