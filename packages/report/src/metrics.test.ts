import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { UserError } from "@twinview/config";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { MetricRecord } from "./metric-record.ts";
import { readMetrics } from "./metrics-reader.ts";
import { type Metrics, openMetrics } from "./metrics-writer.ts";
import { tempFolder } from "./temp-folder.test.kit.ts";

const baseline: MetricRecord = { kind: "baseline", raw: { "20": 0.75 }, random: null };
const step = (n: number, loss = 1 / (n + 1)): MetricRecord => ({
  kind: "step",
  step: n,
  epoch: n / 7,
  loss,
  hyper: { lr: 1e-3, momentum: 0.99 },
  gradientNorm: 2.5,
  gradientNorms: { "encoder/patch/w": 0.1 + n, "heads/projector/fc1/w": 1e-9 },
  embeddingStd: Number.NaN,
  imagesPerSecond: 812.3,
  waitShare: 0.01,
});
const knn = (n: number): MetricRecord => ({ kind: "knn", step: n, epoch: n / 7, encoder: "target", top1: { "20": 0.8, "200": 0.79 } });
const spike = (n: number): MetricRecord => ({ kind: "spike", step: n, layer: "encoder/patch/w", ratio: Number.POSITIVE_INFINITY });

const collapse = (n: number): MetricRecord => ({ kind: "collapse", step: n, since: 0, metric: "embeddingStd", value: 0.1, floor: 0.35 });
const recovery = (n: number): MetricRecord => ({ kind: "recovery", step: n, since: 0, metric: "embeddingStd", value: Number.NaN });

const opened = (path: string, keepThroughStep = 0) => {
  const failures: UserError[] = [];
  const metrics: Metrics = openMetrics(path, { keepThroughStep, onFailure: (error) => failures.push(error) });
  const put = async (...records: readonly MetricRecord[]): Promise<void> => {
    for (const record of records) metrics.append(record);
    await metrics.close();
  };
  return { metrics, put, failures };
};

test("what is recorded is read back, numbers that JSON lacks included, one line each", async () => {
  const path = join(tempFolder(), "metrics.jsonl");
  const records = [
    baseline,
    step(0),
    spike(0),
    knn(0),
    collapse(0),
    recovery(0),
    step(1, Number.POSITIVE_INFINITY),
    step(2, Number.NEGATIVE_INFINITY),
  ];
  const { put, failures } = opened(path);
  await put(...records);
  expect(await readMetrics(path)).toEqual(records);
  expect(readFileSync(path, "utf8").trimEnd().split("\n")).toHaveLength(records.length);
  expect(failures).toEqual([]);
});

test("any finite numbers come back to the bit", async () => {
  const path = join(tempFolder(), "metrics.jsonl");
  const numbers = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((x) => !Object.is(x, -0)); // JSON has no -0
  await fc.assert(
    fc.asyncProperty(fc.array(numbers, { minLength: 1, maxLength: 20 }), async (losses) => {
      rmSync(path, { force: true });
      await opened(path).put(...losses.map((loss, i) => step(i, loss)));
      expect((await readMetrics(path)).map((record) => record.kind === "step" && record.loss)).toEqual(losses);
    }),
    { numRuns: 20, seed: 1 },
  );
});

test("a torn last line is passed over by readers and overwritten by the run that goes on", async () => {
  const path = join(tempFolder(), "metrics.jsonl");
  await opened(path).put(baseline, step(0), step(1));
  const whole = readFileSync(path);
  for (const torn of ['{"kind":"step","st', JSON.stringify(step(2)), "\u0000\u0000", '{"kind":"knn"'] as const) {
    writeFileSync(path, whole);
    appendFileSync(path, torn);
    expect(await readMetrics(path), torn).toEqual([baseline, step(0), step(1)]);
    await opened(path, 2).put(step(2, 9));
    expect(await readMetrics(path), torn).toEqual([baseline, step(0), step(1), step(2, 9)]);
  }
});

test("a resumed run drops what was recorded from its first step on, and keeps the bytes before", async () => {
  const path = join(tempFolder(), "metrics.jsonl");
  const first = [baseline, step(0), knn(0), step(1), spike(1), step(2), spike(2), knn(2), step(3)];
  await opened(path).put(...first);
  const before = readFileSync(path, "utf8").split("\n").slice(0, 5).join("\n");
  await opened(path, 2).put(step(2, 42));
  expect(await readMetrics(path)).toEqual([...first.slice(0, 5), step(2, 42)]);
  expect(readFileSync(path, "utf8").startsWith(before)).toBe(true);
});

test("a run that starts anew, killed before its first checkpoint, records its baseline once", async () => {
  const path = join(tempFolder(), "metrics.jsonl");
  await opened(path).put(baseline, step(0), step(1));
  await opened(path, Number.NEGATIVE_INFINITY).put(baseline, step(0));
  expect(await readMetrics(path)).toEqual([baseline, step(0)]);
});

test("a resumed run drops stale records even when it records nothing itself", async () => {
  const path = join(tempFolder(), "metrics.jsonl");
  await opened(path).put(baseline, step(0), step(1), step(2));
  await opened(path, 1).put();
  expect(await readMetrics(path)).toEqual([baseline, step(0)]);
});

test("for every step to resume at, the records are those of a run that never stopped", async () => {
  const path = join(tempFolder(), "metrics.jsonl");
  const run = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => [step(from + i), knn(from + i)]).flat();
  for (let at = 0; at <= 6; at++) {
    await opened(path).put(...run(0, 6));
    await opened(path, at).put(...run(at, 8));
    expect(await readMetrics(path), `resumed at ${at}`).toEqual(run(0, 8));
    rmSync(path);
  }
});

test("a full disk: one warning with the cause, and nothing is thrown", async () => {
  const { metrics, failures } = opened("/dev/full");
  for (let n = 0; n < 5; n++) {
    metrics.append(step(n));
    await metrics.flush();
  }
  await metrics.close();
  expect(failures).toEqual([
    {
      kind: "file",
      what: "cannot write the metrics, training goes on without them: the disk is full",
      where: "/dev/full",
      fix: "free some space or choose another folder",
    },
  ]);
  expect(await readMetrics("/dev/full")).toEqual([]);
});

test("a folder that is not there yet: what could not be written is written when it comes", async () => {
  const dir = join(tempFolder(), "later");
  const path = join(dir, "metrics.jsonl");
  const { metrics, failures } = opened(path);
  metrics.append(baseline);
  await metrics.flush();
  metrics.append(step(0));
  await metrics.flush();
  expect(failures.map(({ what }) => what)).toEqual([
    "cannot write the metrics, training goes on without them: there is no such file or folder",
  ]);
  mkdirSync(dir);
  metrics.append(step(1));
  await metrics.close();
  expect(await readMetrics(path)).toEqual([baseline, step(0), step(1)]);
  expect(failures).toHaveLength(1);
});

test("a folder in place of the file", async () => {
  const path = join(tempFolder(), "metrics.jsonl");
  mkdirSync(path);
  const { put, failures } = opened(path);
  await put(step(0));
  expect(failures.map(({ what, where }) => [what, where])).toEqual([
    ["cannot write the metrics, training goes on without them: this is a folder, a file was expected", path],
  ]);
  expect(await readMetrics(path)).toEqual([]);
});

test("a file that is taken away during the run begins again; one that is emptied too", async () => {
  const path = join(tempFolder(), "metrics.jsonl");
  const { metrics, failures } = opened(path);
  metrics.append(step(0));
  await metrics.flush();
  rmSync(path);
  metrics.append(step(1));
  await metrics.flush();
  expect(await readMetrics(path)).toEqual([step(1)]);
  writeFileSync(path, "");
  metrics.append(step(2));
  await metrics.close();
  expect(await readMetrics(path)).toEqual([step(2)]);
  expect(failures).toEqual([]);
});

test("a part of a write that failed half-way leaves no trace", async () => {
  const path = join(tempFolder(), "metrics.jsonl");
  const { metrics } = opened(path);
  metrics.append(step(0));
  await metrics.flush();
  appendFileSync(path, '{"kind":"step","step":1,"epo'); // as a disk that filled up would leave it
  metrics.append(step(1));
  await metrics.close();
  expect(readFileSync(path, "utf8")).toBe(
    `${[step(0), step(1)].map((r) => JSON.stringify(r).replace('"embeddingStd":null', '"embeddingStd":"NaN"')).join("\n")}\n`,
  );
});

test("many records are written without being asked to", async () => {
  const path = join(tempFolder(), "metrics.jsonl");
  const { metrics } = opened(path);
  for (let n = 0; n < 2000; n++) metrics.append(step(n));
  let seen = 0;
  while (seen === 0) {
    await new Promise((done) => setTimeout(done, 5));
    seen = (await readMetrics(path)).length;
  }
  await metrics.close();
  expect((await readMetrics(path)).map((record) => record.kind === "step" && record.step)).toEqual(
    Array.from({ length: 2000 }, (_, i) => i),
  );
});

test("lines that are no records of ours are passed over, also hostile ones", async () => {
  const path = join(tempFolder(), "metrics.jsonl");
  const strangers = [
    "",
    "null",
    "7",
    "[]",
    "not json",
    '{"kind":"step"}',
    '{"kind":"toString","step":1}',
    '{"kind":"__proto__"}',
    '{"kind":"step","step":"1","epoch":0,"loss":0,"hyper":{},"gradientNorm":0,"gradientNorms":{},"embeddingStd":0,"imagesPerSecond":0,"waitShare":0}',
    '{"kind":"knn","step":1,"epoch":0,"encoder":"other","top1":{}}',
    '{"kind":"knn","step":1,"epoch":0,"encoder":"online","top1":{"20":"<script>"}}',
    '{"kind":"baseline","raw":[],"random":null}',
    '{"kind":"collapse","step":1,"since":0,"metric":7,"value":0.1,"floor":0.35}',
    '{"kind":"recovery","step":1,"since":0,"metric":"embeddingStd"}',
    `{"kind":"later","step":3,"text":"a kind of a later version"}`,
  ];
  writeFileSync(path, `${[JSON.stringify(baseline), ...strangers, JSON.stringify(knn(1))].join("\n")}\n`);
  expect(await readMetrics(path)).toEqual([baseline, knn(1)]);
  await opened(path, 4).put();
  expect(readFileSync(path, "utf8").trimEnd().split("\n")).toHaveLength(strangers.length + 2);
});

test("a missing file has no records", async () => {
  expect(await readMetrics(join(tempFolder(), "nothing.jsonl"))).toEqual([]);
});
