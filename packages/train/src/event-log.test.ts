import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openEventLog } from "./event-log.ts";

test("keeps what matters with its time, over several parts of a run, and says once when it cannot", async () => {
  const folder = await mkdtemp(join(tmpdir(), "twinview-events-"));
  try {
    const path = join(folder, "events.jsonl");
    for (const step of [50, 100]) {
      const log = openEventLog(path, () => expect.unreachable());
      log.write({ kind: "checkpoint", step, path: "checkpoints", seconds: 0.1 });
      log.write({ kind: "knn", step, epoch: 1, encoder: "online", top1: { "20": 0.5 } });
      await log.close();
    }
    const collapse = openEventLog(join(folder, "collapse.jsonl"), () => expect.unreachable());
    const told = { kind: "collapse", step: 60, since: 41, metric: "embeddingStd", value: 0.1, floor: 0.35 } as const;
    const over = { kind: "recovery", step: 90, since: 60, metric: "embeddingStd", value: 0.5 } as const;
    for (const event of [told, over]) collapse.write(event);
    await collapse.close();
    const both = (await readFile(join(folder, "collapse.jsonl"), "utf8")).trim().split("\n");
    expect(both.map((line) => JSON.parse(line))).toEqual([told, over].map((event) => ({ at: expect.any(String), ...event })));
    const lines = (await readFile(path, "utf8")).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      [50, 100].map((step) => ({
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        kind: "checkpoint",
        step,
        path: "checkpoints",
        seconds: 0.1,
      })),
    );
    const failures: string[] = [];
    const broken = openEventLog(join(folder, "missing", "events.jsonl"), (text) => failures.push(text));
    broken.write({ kind: "note", text: "lost" });
    await broken.close();
    expect(failures).toHaveLength(1);
  } finally {
    await rm(folder, { recursive: true });
  }
});
