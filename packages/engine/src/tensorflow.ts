// TensorFlow is optional, and what loads of it weighs hundreds of megabytes: nothing here is loaded before it is asked for.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import util from "node:util";
import { failure, userError } from "@twinview/config";
import { tfModule } from "@twinview/core";

/** A package that carries TensorFlow, as it lies on the disk. */
export interface TensorflowPackage {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

/** TensorFlow, loaded. */
export interface Tensorflow extends TensorflowPackage {
  /** The version of libtensorflow. */
  readonly libtensorflow: string;
  /** Whether libtensorflow has registered a GPU and computes on it. */
  readonly gpu: boolean;
  /** The name of its backend in tfjs. */
  readonly backend: string;
}

/** The variable that names a folder in whose node_modules TensorFlow lies, where it is not installed beside this package. */
export const tensorflowVariable = "TWINVIEW_TENSORFLOW";

const install =
  "npm install @tensorflow/tfjs-node@4.22.0, or @tensorflow/tfjs-node-gpu@4.22.0 for a GPU; where their download of libtensorflow " +
  `cannot be reached: node tooling/scripts/install-tensorflow.mjs FOLDER, then set ${tensorflowVariable}=FOLDER (docs/engines.md)`;

const missing = (what: string, details: { readonly where?: string; readonly got?: string; readonly expected?: string }): Error =>
  failure(userError("engine", what, { ...details, fix: install }));

/** Where a package lies, as seen from a file. */
const packageFolder = (name: string, from: string): string | undefined => {
  try {
    return dirname(createRequire(from).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
};

const described = (folder: string): TensorflowPackage => {
  const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Omit<TensorflowPackage, "folder">;
  return { name, version, folder };
};

const hasBinding = ({ folder }: TensorflowPackage): boolean => {
  const lib = join(folder, "lib");
  return existsSync(lib) && readdirSync(lib).some((version) => existsSync(join(lib, version, "tfjs_binding.node")));
};

/**
 * Finds the package that carries TensorFlow, the one for GPUs first, without loading it.
 * @throws an Error whose cause is a UserError that says what is missing and how to install it.
 */
export const findTensorflow = (named: string | undefined = process.env[tensorflowVariable]): TensorflowPackage => {
  const beside = named === undefined || named === "";
  const from = beside ? import.meta.url : join(resolve(named), "package.json");
  const folders = [packageFolder("@tensorflow/tfjs-node-gpu", from), packageFolder("@tensorflow/tfjs-node", from)];
  const found = folders.flatMap((folder) => (folder === undefined ? [] : described(folder)));
  const [first] = found;
  if (first === undefined) {
    const where = beside ? {} : { where: `${tensorflowVariable}=${named}` };
    throw missing("the tensorflow engine needs a package that is not installed", {
      ...where,
      expected: "@tensorflow/tfjs-node-gpu or @tensorflow/tfjs-node",
    });
  }
  const whole = found.find(hasBinding);
  if (whole === undefined) {
    const got = "no lib/napi-v*/tfjs_binding.node: it was installed without its install script, or the script failed";
    throw missing(`the package ${first.name} lacks its binding to libtensorflow`, { where: first.folder, got });
  }
  return whole;
};

/** What its backend is seen as. */
interface Backend {
  readonly binding: { readonly TF_Version: string };
  readonly isUsingGpuDevice: boolean;
}

/** Two functions of `util` that the package calls, and newer Nodes warn of or lack. */
const restoreUtil = (): void => {
  const old = util as unknown as Record<string, unknown>;
  old.isNullOrUndefined = (value: unknown) => value === null || value === undefined;
  old.isArray = Array.isArray;
};

const load = ({ name, folder }: TensorflowPackage): void => {
  const { tf } = tfModule();
  const before = tf.engine().backendName;
  const loud = tf.env().getBool("PROD");
  restoreUtil();
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "1"; // its greeting
  tf.env().set("PROD", true); // it lies in a tree of its own at times, and each kernel that is there already would be told
  try {
    createRequire(join(folder, "package.json"))(folder);
  } catch (error) {
    throw missing(`the package ${name} does not load`, { where: folder, got: (error as Error).message });
  } finally {
    tf.env().set("PROD", loud);
    if (before) tf.setBackend(before);
  }
};

/**
 * Loads TensorFlow into this process, once. It has one set of threads for the whole process: the number that is asked for first.
 * @throws as {@link findTensorflow}, and where the package does not load.
 */
export const loadTensorflow = (threads?: number): Tensorflow => {
  const { tf } = tfModule();
  const found = findTensorflow();
  if (tf.engine().registryFactory.tensorflow === undefined) {
    if (threads !== undefined) process.env.TF_NUM_INTRAOP_THREADS ??= String(threads);
    load(found);
  }
  const backend = tf.findBackend("tensorflow") as unknown as Backend;
  return { ...found, libtensorflow: backend.binding.TF_Version, gpu: backend.isUsingGpuDevice, backend: "tensorflow" };
};
