import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { byolApp } from "@twinview/byol";
import { mocoV3App } from "@twinview/moco-v3";
import { simclrApp } from "@twinview/simclr";
import { swavApp } from "@twinview/swav";
import { afterAll, expect, it } from "vitest";
import { type EveryStep, resumedAt, steps, whole } from "./every-step.ts";

const scratch = mkdtempSync(join(tmpdir(), "twinview-every-step-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const rows: readonly (EveryStep & { readonly name: string })[] = [
  { name: "moco-v3, ViT", app: mocoV3App, backbone: "vit-mini", workers: 1 },
  { name: "simclr, ViT", app: simclrApp, backbone: "vit-mini", workers: 2 },
  { name: "byol, ViT", app: byolApp, backbone: "vit-mini", workers: 3 },
  { name: "swav, ViT", app: swavApp, backbone: "vit-mini", workers: 1 },
  { name: "moco-v3, ResNet", app: mocoV3App, backbone: "resnet-18", workers: 2 },
  { name: "simclr, ResNet", app: simclrApp, backbone: "resnet-18", workers: 3 },
  { name: "byol, ResNet", app: byolApp, backbone: "resnet-18", workers: 1 },
  { name: "swav, ResNet", app: swavApp, backbone: "resnet-18", workers: 2 },
  { name: "moco-v3, ViT, micro-batches", app: mocoV3App, backbone: "vit-mini", set: ["microBatch=2"], workers: 3 },
  { name: "swav, ViT, micro-batches", app: swavApp, backbone: "vit-mini", set: ["microBatch=4"], workers: 2 },
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
