import { createRequire } from "node:module";
import type { HostArray, HostTree } from "./host.ts";
import type { Tensor } from "./tensor.ts";
import { asTf, fromTf, tf } from "./tfjs.ts";
import { mapTree, type Tree } from "./tree.ts";

const require = createRequire(import.meta.url);

/** Makes tfjs's pure JavaScript backend the active one for the time of `f`. */
const onCpu = <R>(f: () => R): R => {
  if (tf.findBackend("cpu") === null || tf.getKernel("Add", "cpu") === undefined) require("@tensorflow/tfjs-backend-cpu");
  const backend = tf.findBackend("cpu") as unknown as { firstUse: boolean };
  backend.firstUse = false; // otherwise it prints an advertisement on the console
  const before = tf.engine().backendName;
  tf.setBackend("cpu");
  try {
    return f();
  } finally {
    if (before && before !== "cpu") tf.setBackend(before);
  }
};

const toHost = (x: Tensor): HostArray => ({
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

/** Computes a tree of tensors at once, in plain JavaScript, and reads its numbers; used for initial values and by the reference engine. */
export const evaluate = (f: () => Tree<Tensor>): HostTree =>
  onCpu(() => {
    tf.engine().startScope();
    try {
      return mapTree<Tensor, HostArray>(toHost, f());
    } finally {
      tf.engine().endScope();
    }
  });
