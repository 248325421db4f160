import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mocoV3App } from "@twinview/moco-v3";
import { afterAll, expect, it } from "vitest";
import { type EveryStep, resumedAt, steps, whole } from "./every-step.ts";
import { fourMethods } from "./four-methods.ts";

const scratch = mkdtempSync(join(tmpdir(), "twinview-every-step-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Every method on both families, and one in micro-batches, with 1, 2 and 3 loader threads in turn. */
const rows: readonly (EveryStep & { readonly name: string })[] = [
  ...(["vit-mini", "resnet-18"] as const).flatMap((backbone, family) =>
    fourMethods.map((app, i) => ({ name: `${app.method}, ${backbone}`, app, backbone, workers: 1 + ((family + i) % 3) })),
  ),
  { name: "moco-v3, vit-mini, micro-batches", app: mocoV3App, backbone: "vit-mini", set: ["microBatch=2"], workers: 3 },
];

it.each(rows)(
  "$name: resumed at every step, with other loader threads, every loss and every weight is the same to the bit",
  async (row) => {
    const folder = join(scratch, row.name);
    const wanted = await whole(row, folder);
    expect(wanted.records.filter(({ kind }) => kind === "step")).toHaveLength(steps);
    for (let step = 1; step < steps; step++) {
      const again = join(scratch, `${row.name} ${step}`);
      expect(await resumedAt(row, step, folder, again), `resumed at step ${step}`).toEqual(wanted);
      rmSync(again, { recursive: true });
    }
  },
);
