import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expectClose } from "@twinview/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { twinview } from "./command.ts";
import { writePictures } from "./pictures.ts";
import { noTensorflow } from "./tables/engines.ts";

const scratch = mkdtempSync(join(tmpdir(), "twinview-tensorflow-run-"));
const pictures = join(scratch, "pictures");
beforeAll(() => writePictures(pictures, 20));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The loss of every step of a small run on an engine, and what the run's env.json has. */
const trained = async (engine: string) => {
  const out = join(scratch, engine);
  mkdirSync(out);
  writeFileSync(join(out, "env.json"), JSON.stringify({ machineGflops: 50 })); // so that it is not measured
  const small = "--epochs 1 --batch 4 --threads 1 --set heads.hidden=16 --set heads.out=8".split(" ");
  const { code, error } = await twinview("train", "moco-v3", "--data", pictures, "--engine", engine, "--out", out, ...small);
  expect([code, error]).toEqual([0, ""]);
  const lines = readFileSync(join(out, "metrics.jsonl"), "utf8").trimEnd().split("\n");
  const records = lines.map((line) => JSON.parse(line) as { readonly loss?: number });
  const losses = records.flatMap(({ loss }) => (loss === undefined ? [] : [loss]));
  return { losses, env: JSON.parse(readFileSync(join(out, "env.json"), "utf8")) as Readonly<Record<string, unknown>> };
};

describe("the tensorflow engine", () => {
  test("trains as the onnx engine does, to rounding", { timeout: 240_000 }, async ({ skip }) => {
    if (noTensorflow !== undefined) skip(noTensorflow);
    const [onnx, tensorflow] = [await trained("onnx"), await trained("tensorflow")];
    expect([onnx.env.engine, tensorflow.env.engine]).toEqual(["onnx", "tensorflow"]);
    expect(tensorflow.losses.length).toBe(4);
    expectClose(tensorflow.losses, onnx.losses, { name: "loss", ofLargest: 1e-3 });
  });

  test("is described by doctor", async ({ skip }) => {
    if (noTensorflow !== undefined) skip(noTensorflow);
    const { out } = await twinview("doctor", "--engine", "tensorflow");
    expect(out).toMatch(
      /^ok {6}engine tensorflow {7}@tensorflow\/tfjs-node(-gpu)? 4\.22\.0 on libtensorflow \d+\.\d+\.\d+ multiplies matrices at [1-9]\d* GFLOPS on (a GPU|the processor, no GPU registered)$/m,
    );
  });
});
