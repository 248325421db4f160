import { createRequire } from "node:module";
import type { HostArray, HostTree } from "./host.ts";
import type { Tensor } from "./tensor.ts";
import { asTf, fromTf, tf } from "./tfjs.ts";
import { mapTree, type Tree } from "./tree.ts";

const require = createRequire(import.meta.url);

/** Loads tfjs's pure JavaScript backend and gives its name. */
export const useCpu = (): string => {
  if (tf.findBackend("cpu") === null || tf.getKernel("Add", "cpu") === undefined) require("@tensorflow/tfjs-backend-cpu");
  const backend = tf.findBackend("cpu") as unknown as { firstUse: boolean };
  backend.firstUse = false; // otherwise it prints an advertisement on the console
  return "cpu";
};

/** Makes a backend the active one for the time of `f`. */
export const onBackend = <R>(name: string, f: () => R): R => {
  const before = tf.engine().backendName;
  tf.setBackend(name);
  try {
    return f();
  } finally {
    if (before && before !== name) tf.setBackend(before);
  }
};

/** The numbers of a tensor of the active backend, copied. */
export const toHost = (x: Tensor): HostArray => ({
  shape: [...x.shape],
  dtype: x.dtype === "float32" ? "float32" : "int32",
  data: x.dtype === "float32" ? Float32Array.from(asTf(x).dataSync()) : Int32Array.from(asTf(x).dataSync()),
});

/** Turns host numbers into tensors of the active backend; bytes become float32. */
export const toTensors = (tree: HostTree): Tree<Tensor> =>
  mapTree<HostArray, Tensor>((leaf) => {
    const values = leaf.dtype === "uint8" ? Float32Array.from(leaf.data) : leaf.data;
    return fromTf(tf.engine().makeTensor(values as Float32Array, [...leaf.shape], leaf.dtype === "int32" ? "int32" : "float32"));
  }, tree);

/** Computes a tree of tensors at once, in plain JavaScript, and reads its numbers; used for initial values. */
export const evaluate = (f: () => Tree<Tensor>): HostTree =>
  onBackend(useCpu(), () => {
    tf.engine().startScope();
    try {
      return mapTree<Tensor, HostArray>(toHost, f());
    } finally {
      tf.engine().endScope();
    }
  });
