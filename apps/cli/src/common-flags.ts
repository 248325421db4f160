import type { Flag } from "@twinview/config";
import { devices } from "@twinview/engine";
import { engineNames } from "./engines.ts";

export const json = { type: "boolean", help: "print events as JSON lines, for programs" } as const satisfies Flag;
export const threads = {
  type: "number",
  integer: true,
  min: 1,
  help: "threads of the computation; all cores when absent",
  value: "N",
} as const satisfies Flag;
export const engine = {
  type: "choice",
  choices: engineNames,
  default: "onnx",
  help: "what computes: onnxruntime; TensorFlow, operation by operation, where it is installed; or plain JavaScript (slow, for comparison)",
} as const satisfies Flag;

export const device = {
  type: "choice",
  choices: devices,
  help: "where the onnx engine computes; cpu when absent, cuda and webgpu where they are installed",
} as const satisfies Flag;

export const data = {
  type: "string",
  value: "DATA",
  help: "a folder of images, a folder with IDX or CIFAR binary files, or a data set's name: fashion-mnist, emoji-apple, emoji-google",
} as const satisfies Flag;

export const workers = {
  type: "number",
  integer: true,
  min: 0,
  value: "N",
  help: "threads that decode and augment; 1 when absent",
} as const satisfies Flag;
