import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mocoV3App } from "@twinview/moco-v3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { twinview } from "./command.ts";
import { makeRun } from "./made-run.ts";
import { writePictures } from "./pictures.ts";

const scratch = mkdtempSync(join(tmpdir(), "twinview-transfer-"));
const at = (...names: readonly string[]): string => join(scratch, ...names);
const quick = ["--threads", "1", "--epochs", "1", "--batch", "8", "--probe-epochs", "2"];

/** A folder in the binary format of CIFAR-10, three classes of one gray each. */
const writeCifar = (folder: string): void => {
  const records = (count: number): Buffer =>
    Buffer.concat(Array.from({ length: count }, (_, i) => Buffer.concat([Buffer.from([i % 3]), Buffer.alloc(3072, 60 * (i % 3) + i)])));
  mkdirSync(folder);
  writeFileSync(join(folder, "data_batch_1.bin"), records(36));
  writeFileSync(join(folder, "test_batch.bin"), records(9));
};

beforeAll(async () => {
  await writePictures(at("pictures"), 40);
  writeCifar(at("cifar"));
  await makeRun(at("run"), mocoV3App, { wishes: { data: at("elsewhere") }, set: ["heads.hidden=16", "heads.out=8"] });
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("twinview transfer", () => {
  it("measures kNN, linear probe and fine-tuning on each data set, and the same without pre-training", async () => {
    const sets = ["--to", at("pictures"), "--to", at("cifar")];
    const { code, error, out } = await twinview("transfer", at("run"), ...sets, "--baseline", "--k", "1", "--json", ...quick);
    expect([code, error]).toEqual([0, ""]);
    const { step, results } = JSON.parse(out) as { readonly step: number; readonly results: readonly Record<string, unknown>[] };
    expect(step).toBe(7);
    expect(results.map(({ data, encoder }) => [data, encoder])).toEqual([
      [at("pictures"), "online"],
      [at("pictures"), "untrained"],
      [at("cifar"), "online"],
      [at("cifar"), "untrained"],
    ]);
    for (const result of results)
      expect(result).toMatchObject({
        knn: { "1": expect.any(Number) },
        linear: { last: expect.any(Number), best: expect.any(Number), lr: expect.any(Number), wd: expect.any(Number) },
        finetune: { test: expect.any(Number), gap: expect.any(Number), epochs: 1 },
      });
    expect(results[2]).toMatchObject({ knn: { "1": 1 }, finetune: { images: { train: 36, test: 9 } } }); // grays are easy to tell apart
    expect(JSON.parse(readFileSync(at("run", "transfer.json"), "utf8"))).toEqual({ step, results });
  }, 180_000);

  it("measures only what is asked for", async () => {
    const { out } = await twinview("transfer", at("run"), "--to", at("cifar"), "--knn", "--k", "1", "--threads", "1");
    expect(out).toBe(`${at("cifar")}, online: kNN 100.0 % (k 1)\nwritten to ${at("run", "transfer.json")}\n`);
  });

  it.each<[string, readonly string[], string]>([
    ["no data set", [], "error: no data to transfer to\n  expected: --to DATA, once for each data set\n"],
    ["nothing to transfer", ["--to", "x", "--from", "scratch"], "error: --from scratch transfers nothing\n"],
  ])("refuses %s", async (_, flags, text) => {
    const { code, error } = await twinview("transfer", at("run"), ...flags);
    expect(code).toBe(2);
    expect(error).toContain(text);
  });

  it("looks at every data set before it measures the first", async () => {
    const before = readFileSync(at("run", "transfer.json"), "utf8");
    const { code, error } = await twinview("transfer", at("run"), "--to", at("cifar"), "--to", at("gone"), ...quick);
    expect(code).toBe(2);
    expect(error).toContain("no such file or folder");
    expect(readFileSync(at("run", "transfer.json"), "utf8")).toBe(before);
  });
});
