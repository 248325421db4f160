// Program: writes our step of a case as files that other runtimes can read: `fused.onnx` for onnxruntime, `standard.onnx` with standard
// operations alone, and its inputs, those of a run's first step, listed in inputs.json. Arguments: the name of the case, a folder.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { compile, standardOperations, writeOnnx } from "@twinview/engine";
import { initialState, stepProgram } from "@twinview/train";
import { cases } from "./cases.ts";
import { experimentOf } from "./our-step.ts";
import { stepFeeds } from "./step-feeds.ts";

const [name, folder] = process.argv.slice(2) as [string, string];
const step = cases.find((each) => each.name === name)?.step;
if (step === undefined) throw new Error(`no step case ${name}`);
const experiment = experimentOf(step, {});
const state = initialState(experiment);
const compiled = compile(stepProgram(experiment), state);
await mkdir(folder, { recursive: true });
await writeFile(join(folder, "fused.onnx"), writeOnnx(compiled.graph));
await writeFile(join(folder, "standard.onnx"), writeOnnx(standardOperations(compiled.graph)));
const feeds = stepFeeds(compiled, state, step);
for (const [i, { data }] of feeds.entries())
  await writeFile(join(folder, `${i}.bin`), new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
await writeFile(join(folder, "inputs.json"), JSON.stringify(feeds.map(({ name, shape, dtype }) => ({ name, shape, dtype }))));
