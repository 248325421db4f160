import { eagerEngine } from "./eager-engine.ts";
import type { Engine } from "./engine.ts";
import { loadTensorflow } from "./tensorflow.ts";

/**
 * Every program operation by operation on TensorFlow, in this process: on a GPU where the package for GPUs is installed and
 * libtensorflow registers one. TensorFlow is an optional package, looked for when a session is opened (docs/engines.md).
 * Its threads are those of the first session of the process.
 * @throws when a session is opened, an Error whose cause is a UserError that says what is missing and how to install it.
 */
export const tensorflowEngine = (): Engine => eagerEngine({ name: "tensorflow", load: (threads) => loadTensorflow(threads).backend });
