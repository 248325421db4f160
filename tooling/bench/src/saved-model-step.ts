// Program: our step of a case on TensorFlow, as a SavedModel and operation by operation, in turn in one process and on one thread.
// Arguments: the name of the case, the folder that step-model.ts and peer/saved_model_step.py wrote, and how many rounds (5).
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { loadTensorflow } from "@twinview/engine";
import { cases } from "./cases.ts";
import { openStep } from "./our-step.ts";
import { median } from "./statistics.ts";
import type { StepFeed } from "./step-feeds.ts";

interface TfTensor {
  readonly dispose: () => void;
}

interface TensorflowNode {
  readonly tensor: (data: Float32Array | Int32Array, shape: readonly number[]) => TfTensor;
  readonly node: {
    readonly loadSavedModel: (folder: string) => Promise<{ readonly predict: (inputs: object) => Readonly<Record<string, TfTensor>> }>;
  };
}

const [name, folder, count = "5"] = process.argv.slice(2) as [string, string, string?];
const step = cases.find((each) => each.name === name)?.step;
if (step === undefined) throw new Error(`no step case ${name}`);
const { folder: installed, libtensorflow } = loadTensorflow(1);
const tf = createRequire(join(installed, "package.json"))(installed) as TensorflowNode;

const entries = JSON.parse(await readFile(join(folder, "inputs.json"), "utf8")) as readonly Omit<StepFeed, "data">[];
const fed: Record<string, TfTensor> = {};
for (const [i, { shape, dtype }] of entries.entries()) {
  const { buffer } = new Uint8Array(await readFile(join(folder, `${i}.bin`)));
  fed[`i${i}`] = tf.tensor(dtype === "uint8" ? Int32Array.from(new Uint8Array(buffer)) : new Float32Array(buffer), shape);
}
const model = await tf.node.loadSavedModel(join(folder, "saved-model"));
const whole = (): void => {
  for (const output of Object.values(model.predict(fed))) output.dispose();
};
const eager = await openStep(step, { engine: "tensorflow", threads: 1 });
const byOperation = (): Promise<unknown> => eager.run(1);

/** Seconds of the processor. */
const timed = async (run: () => unknown): Promise<number> => {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
};

for (const run of [byOperation, whole, byOperation, whole]) await run();
const ratios: number[] = [];
for (let round = 0; round < Number(count); round++) {
  const [a, b] = [await timed(byOperation), await timed(whole)];
  ratios.push(a / b);
  console.log(`operation by operation ${a.toFixed(3)} s, SavedModel ${b.toFixed(3)} s, ratio ${(a / b).toFixed(2)}`);
}
console.log(`libtensorflow ${libtensorflow}: median ratio ${median(ratios).toFixed(2)}`);
await eager.close();
