import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeSafetensors, type Safetensors } from "@twinview/checkpoint";
import { hostArray } from "@twinview/core";
import { mocoV3App } from "@twinview/moco-v3";
import { drawn, expectClose } from "@twinview/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { twinview } from "./command.ts";
import { byOnnxruntime, slowFeatures } from "./exported-features.ts";
import { exportedVariants, makeVariant } from "./exported-variants.ts";
import { makeRun } from "./made-run.ts";
import { writePictures } from "./pictures.ts";

const scratch = mkdtempSync(join(tmpdir(), "twinview-export-"));
const at = (...names: readonly string[]): string => join(scratch, ...names);

beforeAll(() => writePictures(at("pictures"), 20));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const read = (file: string): Safetensors => {
  const found = decodeSafetensors(readFileSync(file), file);
  if (found._tag === "Left") throw new Error(found.left.what);
  return found.right;
};

const variants = Object.entries(exportedVariants).map(([name, variant]) => ({ name, variant }));

describe("twinview export", () => {
  beforeAll(async () => {
    for (const { name, variant } of variants) await makeVariant(at(name), variant);
  });

  it.each(variants)("of $name as ONNX gives the run's own features for one image and for three", async ({ name }) => {
    const file = at(`${name}.onnx`);
    const { code, error, out } = await twinview("export", at(name), "--to", file);
    expect([code, error, out]).toEqual([0, "", `written to ${file}\n`]);
    for (const batch of [1, 3]) {
      const pixels = drawn([batch, 3, 32, 32], { seed: batch });
      const images = hostArray(Float32Array.from(pixels.data), pixels.shape);
      expectClose(await byOnnxruntime(file, images), await slowFeatures(at(name), images), { ofLargest: 2e-5 });
    }
  });

  const named = variants.filter(({ variant }) => variant.library !== undefined);
  it.each(named)("of $name as safetensors has the other library's names and shapes", async ({ name, variant }) => {
    const file = at(`${name}.safetensors`);
    expect((await twinview("export", at(name), "--to", file)).code).toBe(0);
    const { tensors, metadata } = read(file);
    expect(metadata.get("library")).toBe(variant.library);
    for (const [tensor, shape] of Object.entries(variant.has ?? {})) expect([tensor, tensors.get(tensor)?.shape]).toEqual([tensor, shape]);
    expect(tensors.size).toBe(variant.tensors);
  });
});

describe("twinview export of one run", () => {
  const run = at("run");
  beforeAll(() => makeRun(run, mocoV3App, { wishes: { data: at("pictures") }, set: ["heads.hidden=16", "heads.out=8"] }));

  it("writes features as npy and parquet", async () => {
    const { code, out } = await twinview("export", run, "--features", at("features"), "--threads", "1", "--json");
    expect(code).toBe(0);
    const names = ["features-train.npy", "labels-train.npy", "features-test.npy", "labels-test.npy", "features.parquet"];
    expect(JSON.parse(out)).toEqual({ written: names.map((name) => at("features", name)) });
    const npy = readFileSync(at("features", "features-train.npy"));
    const length = npy.readUInt16LE(8);
    expect(npy.subarray(0, 8).toString("latin1")).toBe("\x93NUMPY\x01\x00");
    expect((10 + length) % 64).toBe(0);
    expect(npy.subarray(10, 10 + length).toString()).toMatch(/^\{'descr': '<f4', 'fortran_order': False, 'shape': \(18, 96\), \} *\n$/);
    expect(npy.length).toBe(10 + length + 4 * 18 * 96);
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ["nothing asked for", [], ["nothing to export", "expected: --to FILE for the encoder, --features FOLDER for features"]],
    [
      "a format that is not known",
      ["--to", "encoder.pt"],
      ["--to: the ending of the file says no format", "where: encoder.pt", "expected: a name ending in .safetensors or .onnx"],
    ],
  ])("refuses %s", async (_, flags, lines) => {
    const { code, error } = await twinview("export", run, ...flags);
    expect([code, error]).toEqual([2, `error: ${lines.join("\n  ")}\n`]);
  });

  it("refuses names for a variant that no library has", async () => {
    await makeRun(at("conv"), mocoV3App, { wishes: { data: at("pictures") }, set: ["backbone.stem=conv"] });
    const { code, error } = await twinview("export", at("conv"), "--to", at("conv.safetensors"));
    expect(code).toBe(2);
    expect(error).toContain("no other library has names for this variant of the backbone");
    expect(error).toContain("fix: export it as .onnx, which needs no names");
  });
});
