import { cpus, freemem, loadavg, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { startRunner } from "./line-process.ts";

/** One of our programs beside this file. */
export const programPath = (name: string): string => fileURLToPath(new URL(`./${name}.js`, import.meta.url));

const shapes = [
  [1024, 1024, 1024],
  [2080, 768, 192],
  [1040, 192, 768],
] as const;
const runsPerShape = 12;

/** The machine's largest matrix-product speed, in GFLOPS, and what it was measured with. */
export interface PeakMatmul {
  readonly gflops: number;
  readonly name: string;
}

/** The fastest of several float32 products of onnxruntime on that many threads: square, and of the shapes of a small ViT's MLP. */
export const peakMatmul = async (threads: number): Promise<PeakMatmul> => {
  let best = { gflops: 0, name: "" };
  for (const [m, k, n] of shapes) {
    const args = [programPath("matmul-worker"), ...[m, k, n, threads].map(String)];
    const runner = await startRunner({ title: "matmul", command: process.execPath, args });
    for (let i = 0; i < runsPerShape; i++) {
      const gflops = (2 * m * k * n) / (await runner.run(1)) / 1e9;
      if (gflops > best.gflops) best = { gflops, name: runner.name };
    }
    await runner.close();
  }
  return best;
};

/** The machine in one line: processor, cores, memory, Node. */
export const machineText = (): string => {
  const list = cpus();
  const gibibytes = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);
  return `${list[0]?.model.trim() ?? "unknown processor"}, ${list.length} cores, ${gibibytes(freemem())} of ${gibibytes(totalmem())} GiB free, Node ${process.versions.node}`;
};

/** Load averages over 1, 5 and 15 minutes. */
export const loadText = (): string =>
  loadavg()
    .map((load) => load.toFixed(2))
    .join(" ");
