import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { userErrorOf } from "@twinview/config";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { findTensorflow, tensorflowVariable } from "./tensorflow.ts";
import { tensorflowEngine } from "./tensorflow-engine.ts";

const scratch = mkdtempSync(join(tmpdir(), "twinview-tensorflow-test-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(scratch, "folder-"));
});

/** A package of that name in the folder, with a binding or without. */
const put = (name: string, { binding = true, code = "" } = {}): string => {
  const root = join(folder, "node_modules", "@tensorflow", name);
  mkdirSync(join(root, "lib", "napi-v8"), { recursive: true });
  writeFileSync(join(root, "package.json"), JSON.stringify({ name: `@tensorflow/${name}`, version: "4.22.0", main: "index.js" }));
  writeFileSync(join(root, "index.js"), code);
  if (binding) writeFileSync(join(root, "lib", "napi-v8", "tfjs_binding.node"), "");
  return root;
};

const errorOf = (f: () => unknown) => {
  try {
    return f();
  } catch (error) {
    return userErrorOf(error);
  }
};

const fix =
  "npm install @tensorflow/tfjs-node@4.22.0, or @tensorflow/tfjs-node-gpu@4.22.0 for a GPU; where their download of libtensorflow cannot " +
  "be reached: node tooling/scripts/install-tensorflow.mjs FOLDER, then set TWINVIEW_TENSORFLOW=FOLDER (docs/engines.md)";

describe("where TensorFlow is looked for", () => {
  test("no package: says which, where, and how to install it", () => {
    expect(errorOf(() => findTensorflow(folder))).toEqual({
      kind: "engine",
      what: "the tensorflow engine needs a package that is not installed",
      where: `TWINVIEW_TENSORFLOW=${folder}`,
      expected: "@tensorflow/tfjs-node-gpu or @tensorflow/tfjs-node",
      fix,
    });
  });

  test("a package without its binding: says what is missing in it", () => {
    const root = put("tfjs-node", { binding: false });
    expect(errorOf(() => findTensorflow(folder))).toEqual({
      kind: "engine",
      what: "the package @tensorflow/tfjs-node lacks its binding to libtensorflow",
      where: root,
      got: "no lib/napi-v*/tfjs_binding.node: it was installed without its install script, or the script failed",
      fix,
    });
  });

  test("the package for GPUs is taken first, where it is whole", () => {
    const cpu = { name: "@tensorflow/tfjs-node", version: "4.22.0", folder: put("tfjs-node") };
    expect(findTensorflow(folder)).toEqual(cpu);
    put("tfjs-node-gpu", { binding: false });
    expect(findTensorflow(folder)).toEqual(cpu);
    const gpu = put("tfjs-node-gpu");
    expect(findTensorflow(folder)).toEqual({ name: "@tensorflow/tfjs-node-gpu", version: "4.22.0", folder: gpu });
  });
});

test("building the engine looks for nothing; opening a session of a package that does not load says why", async () => {
  const before = process.env[tensorflowVariable];
  process.env[tensorflowVariable] = folder;
  try {
    const engine = tensorflowEngine();
    expect(engine.name).toBe("tensorflow");
    const root = put("tfjs-node", { code: 'throw new Error("libtensorflow.so.2: cannot open shared object file");' });
    const thrown = await engine.open({ state: null, programs: {} }).catch((error: unknown) => error);
    expect(userErrorOf(thrown)).toEqual({
      kind: "engine",
      what: "the package @tensorflow/tfjs-node does not load",
      where: root,
      got: "libtensorflow.so.2: cannot open shared object file",
      fix,
    });
  } finally {
    if (before === undefined) delete process.env[tensorflowVariable];
    else process.env[tensorflowVariable] = before;
  }
});
