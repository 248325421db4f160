// The one place that touches tfjs. Its ESM build does not load in Node (extensionless imports), so the CommonJS entry is used.
import { createRequire } from "node:module";
import type { Tensor } from "./tensor.ts";

export type TfModule = typeof import("@tensorflow/tfjs-core");
export type TfTensor = import("@tensorflow/tfjs-core").Tensor;

const require = createRequire(import.meta.url);
export const tf = require("@tensorflow/tfjs-core") as TfModule;

export type Attributes = Readonly<Record<string, unknown>>;

/** Named inputs, or a list for kernels of any number of inputs. */
export type KernelInputs = Readonly<Record<string, Tensor>> | readonly Tensor[];

export const asTf = (x: Tensor): TfTensor => x as unknown as TfTensor;
export const fromTf = (x: TfTensor): Tensor => x as unknown as Tensor;

const runAny = (kernel: string, inputs: KernelInputs, attributes: Attributes): TfTensor | TfTensor[] =>
  tf.engine().runKernel(kernel, inputs as never, attributes as never);

/** Runs one kernel of the active backend that has one output. */
export const runKernel = (kernel: string, inputs: KernelInputs, attributes: Attributes = {}): Tensor => {
  const out = runAny(kernel, inputs, attributes);
  return fromTf(Array.isArray(out) ? (out[0] as TfTensor) : out);
};

/** Runs one kernel of the active backend that has several outputs. */
export const runKernels = (kernel: string, inputs: KernelInputs, attributes: Attributes = {}): readonly Tensor[] => {
  const out = runAny(kernel, inputs, attributes);
  return (Array.isArray(out) ? out : [out]).map(fromTf);
};

/** Whether the active backend has a kernel of that name: fused kernels are optional, each has a composition to fall back on. */
export const hasKernel = (kernel: string): boolean => tf.getKernel(kernel, tf.getBackend()) !== undefined;
