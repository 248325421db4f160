import { failure, userError, userErrorOf } from "@twinview/config";
import { add, type Tensor } from "@twinview/core";
import { type Line, startChild } from "./child-process.ts";
import { writeOnnx } from "./onnx/write.ts";
import type { ChildProgram, Reply } from "./protocol.ts";
import { trace } from "./trace.ts";

/** Where onnxruntime can compute: its execution providers that twinview knows. */
export const devices = ["cpu", "cuda", "webgpu"] as const;

export type Device = (typeof devices)[number];

/** An execution provider of onnxruntime, and whether its library is in the npm package. */
export interface Provider {
  readonly name: string;
  readonly bundled: boolean;
}

const needs: Readonly<Record<Device, string>> = {
  cpu: "run npm ci again; onnxruntime-node ships its CPU library inside the package",
  cuda:
    "leave --device out to compute on the processor; cuda needs Linux on x64, an NVIDIA GPU with CUDA 12 and cuDNN 9, and onnxruntime's CUDA " +
    "library: node node_modules/onnxruntime-node/script/install.js --onnxruntime-node-install=cuda12 (docs/engines.md)",
  webgpu:
    "leave --device out to compute on the processor; webgpu needs a GPU and its driver: Vulkan on Linux, Metal on macOS, Direct3D 12 on Windows (docs/engines.md)",
};

const listed = async (line: Line): Promise<readonly Provider[]> => {
  const { providers } = (await line.ask({ kind: "providers" })) as Extract<Reply, { kind: "providers" }>;
  return providers.filter(({ name }) => devices.some((known) => known === name));
};

/** The devices that this build of onnxruntime-node lists; whether one can be opened is another matter. */
export const onnxProviders = async (): Promise<readonly Provider[]> => {
  const line = startChild();
  try {
    return await listed(line);
  } finally {
    await line.close();
  }
};

/** A model of one addition. */
const probe = (): ChildProgram => {
  const graph = trace({ x: { shape: [2], dtype: "float32" } }, ({ x }) => ({ y: add(x as Tensor, 1) }));
  return { name: "probe", model: writeOnnx(graph), rewritten: false, feeds: [], targets: [] };
};

/** The first line of what onnxruntime said, without the place in its own source. */
const said = (text: string): string =>
  (text.trim().split("\n")[0] as string).replace(/^engine: /, "").replace(/^\/onnxruntime_src\/.* was false\. /, "");

/**
 * Opens a device by a small model of its own, so that a device that is not there is told apart from a program it cannot run.
 * @throws an Error whose cause is a UserError that names the device, what onnxruntime said, what it has, and what is needed.
 */
export const openDevice = async (line: Line, device: Device): Promise<void> => {
  try {
    await line.ask({ kind: "compile", program: probe() });
  } catch (thrown) {
    const got = said(userErrorOf(thrown)?.what ?? (thrown as Error).message);
    const has = await listed(line).catch(() => []); // a process that died has no answer
    const names = has.map(({ name, bundled }) => (bundled ? name : `${name} where its library is installed`));
    const expected = names.length === 0 ? {} : { expected: `one that this onnxruntime has: ${names.join(", ")}` };
    throw failure(userError("engine", `onnxruntime cannot compute on ${device} here`, { got, ...expected, fix: needs[device] }));
  }
};
