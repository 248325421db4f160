import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostArray } from "@twinview/core";
import { mocoV3App } from "@twinview/moco-v3";
import { drawn } from "@twinview/testkit";
import { afterAll, describe, expect, it } from "vitest";
import { twinview } from "./command.ts";
import { engineFeatures } from "./exported-features.ts";
import { exportedVariants, makeVariant } from "./exported-variants.ts";
import { makeRun } from "./made-run.ts";
import { writePictures } from "./pictures.ts";
import { root } from "./source-tree.ts";

/** A Python with the libraries that read what is exported; without one these tests are skipped, and say so. */
const python = process.env.TWINVIEW_PEER_PYTHON;
const reload = (...argv: readonly string[]): string =>
  execFileSync(python ?? "", [join(root, "test/consumers/reload.py"), ...argv], { encoding: "utf8" });
const libraries: readonly string[] = python === undefined ? [] : (JSON.parse(reload("libraries")) as readonly string[]);
const without = (...names: readonly string[]): boolean => !names.every((name) => libraries.includes(name));

const scratch = mkdtempSync(join(tmpdir(), "twinview-consumers-"));
const at = (...names: readonly string[]): string => join(scratch, ...names);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const pixels = drawn([3, 3, 32, 32], { seed: 5 });
const images = hostArray(Float32Array.from(pixels.data), pixels.shape);

const floats = (file: string): Float32Array => new Float32Array(new Uint8Array(readFileSync(file)).buffer);

/** The smallest cosine between rows of two lists of features. */
const leastCosine = (a: ArrayLike<number>, b: ArrayLike<number>, rows: number): number => {
  const width = a.length / rows;
  const cosines = Array.from({ length: rows }, (_, row) => {
    let [ab, aa, bb] = [0, 0, 0];
    for (let i = row * width; i < (row + 1) * width; i++) {
      const [x, y] = [a[i] as number, b[i] as number];
      [ab, aa, bb] = [ab + x * y, aa + x * x, bb + y * y];
    }
    return ab / Math.sqrt(aa * bb);
  });
  return Math.min(...cosines);
};

/** torchvision's constructors make one width only. */
const wide = Object.entries(exportedVariants).map(([name, variant]) => ({
  name,
  variant: variant.library === "torchvision" ? { ...variant, set: [...variant.set, "backbone.width=64"] } : variant,
}));

describe("what twinview export writes gives the same features in the libraries it was written for", () => {
  /** The run of a variant, made when a test first needs it. */
  const runOf = async (name: string): Promise<string> => {
    const variant = wide.find((each) => each.name === name)?.variant;
    if (variant !== undefined && !existsSync(at(name))) await makeVariant(at(name), variant);
    return at(name);
  };

  const compare = async (how: "torch" | "onnx", ending: string, names: readonly string[]): Promise<void> => {
    const fileOf = (name: string): string => at(`${name}.${ending}`);
    writeFileSync(at("images"), images.data as Float32Array);
    for (const name of names) expect((await twinview("export", await runOf(name), "--to", fileOf(name))).code).toBe(0);
    reload(how, at("images"), ...names.map(fileOf));
    for (const name of names) {
      const [found, expected] = [floats(`${fileOf(name)}.out`), (await engineFeatures(at(name), images)).data];
      expect([name, found.length]).toEqual([name, expected.length]);
      expect(leastCosine(found, expected, 3), name).toBeGreaterThan(0.99999);
    }
  };

  const named = wide.filter(({ variant }) => variant.library !== undefined);
  it.skipIf(without("torch", "timm", "torchvision", "safetensors"))("safetensors in timm and torchvision", () =>
    compare(
      "torch",
      "safetensors",
      named.map(({ name }) => name),
    ),
  );

  it.skipIf(without("numpy", "onnxruntime"))("ONNX in onnxruntime", () =>
    compare(
      "onnx",
      "onnx",
      wide.map(({ name }) => name),
    ),
  );

  it.skipIf(without("pyarrow"))("features in parquet", async () => {
    await writePictures(at("pictures"), 20);
    await makeRun(at("run"), mocoV3App, { wishes: { data: at("pictures") }, set: ["heads.hidden=16", "heads.out=8"] });
    expect((await twinview("export", at("run"), "--features", at("features"), "--threads", "1")).code).toBe(0);
    reload("parquet", at("features", "features.parquet"));
    const npy = ["train", "test"].flatMap((part) => {
      const bytes = readFileSync(at("features", `features-${part}.npy`));
      return [...new Float32Array(new Uint8Array(bytes.subarray(10 + bytes.readUInt16LE(8))).buffer)];
    });
    expect([...floats(at("features", "features.parquet.out"))]).toEqual(npy);
  });
});
