import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { unwrap } from "@twinview/config";
import { toShared } from "@twinview/data";
import { onnxEngine } from "@twinview/engine";
import { simsiamApp } from "@twinview/simsiam";
import { type RunEvent, train } from "@twinview/train";
import * as E from "fp-ts/lib/Either.js";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

const sourcesUnder = async (top: string): Promise<readonly string[]> => {
  const entries = await readdir(join(root, top), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !/node_modules|\/dist/.test(entry.parentPath))
    .map((entry) => join(entry.parentPath, entry.name));
};

/** Sixty-four small pictures in two classes, a different pattern each. */
const pictures = () => {
  const [count, side] = [64, 16];
  const pixels = toShared(Uint8Array.from({ length: count * side * side * 3 }, (_, i) => (128 + 100 * Math.sin(i * (1 + (i % 7)))) & 255));
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2);
  const content = { kind: "resident", pixels, width: side, height: side, channels: 3 } as const;
  return { name: "patterns", length: count, content, labels, classes: ["even", "odd"] };
};

const trained = async (backbone: string) => {
  const source = pictures();
  const around = { images: source.length, testImages: source.length, side: 16, machineGflops: 100 };
  const sizes = backbone.startsWith("resnet") ? ["backbone.width=4"] : [];
  const overrides = ["image=16", "heads.width=32", "heads.bottleneck=8", "checkpoint.keep=1", ...sizes];
  const planned = simsiamApp.plan({ data: "patterns", backbone, batch: 16, epochs: 2 }, around, overrides);
  if (E.isLeft(planned)) throw new Error(planned.left.what);
  const runDir = await mkdtemp(join(tmpdir(), "twinview-simsiam-"));
  try {
    const events: RunEvent[] = [];
    const outcome = await unwrap(
      train({
        run: planned.right.run,
        data: { description: "patterns", train: source, test: source },
        runDir,
        engine: onnxEngine(),
        machineGflops: 100,
        notes: [],
        onEvent: (event) => events.push(event),
        shouldStop: () => false,
      }),
    );
    return { outcome, events };
  } finally {
    await rm(runDir, { recursive: true, force: true });
  }
};

test.each(["vit-mini", "resnet-18"])("SimSiam trains on %s: losses from 0 to 4 that change, a kNN number, a summary", async (backbone) => {
  const { outcome, events } = await trained(backbone);
  expect(outcome.kind).toBe("finished");
  const losses = events.flatMap((event) => (event.kind === "step" ? [event.loss] : []));
  expect(losses).toHaveLength(8);
  for (const loss of losses) expect(loss).toSatisfy((x: number) => x > 0 && x < 4);
  expect(new Set(losses).size).toBeGreaterThan(1);
  if (outcome.kind === "finished") expect(outcome.summary.knn?.trained).toBeGreaterThan(0);
});

test("the method is one file of at most 60 lines outside packages/methods", async () => {
  const text = await readFile(join(root, "apps/simsiam/src/simsiam.ts"), "utf8");
  expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(60);
});

test("nothing outside its app knows its name: the contracts forced no change", async () => {
  const files = (await Promise.all(["packages", "apps", "tooling"].map(sourcesUnder))).flat();
  expect(files.length).toBeGreaterThan(100);
  const knowing: string[] = [];
  for (const file of files) {
    if (!file.includes("apps/simsiam") && /simsiam/i.test(await readFile(file, "utf8"))) knowing.push(file);
  }
  expect(knowing).toEqual([]);
});
