// Keeps half a run for versions to come: `node test/dist/record-old-run.js 0.1.0`, once for each release.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { simclrApp } from "@twinview/simclr";
import { trainIn } from "./guarded-run.ts";
import { half, oldRuns, secondHalf, steps } from "./old-runs.ts";
import { planSmall } from "./small-run.ts";

const version = process.argv[2] as string;
const sizes = ["backbone.width=1", "heads.hidden=4", "heads.out=2", `checkpoint.everySteps=${half}`, "knn.everyEpochs=10"];
const run = planSmall(simclrApp, { batch: 8, epochs: steps / 8, backbone: "resnet-18" }, sizes);
const folder = mkdtempSync(join(tmpdir(), "twinview-old-run-"));
await trainIn(folder, run);
const kept = join(oldRuns, version);
mkdirSync(kept, { recursive: true });
for (const name of ["config.json", `checkpoints/step-00000${half}`]) cpSync(join(folder, name), join(kept, name), { recursive: true });
writeFileSync(join(kept, "expected.json"), `${JSON.stringify(secondHalf(folder), null, 1)}\n`);
rmSync(folder, { recursive: true });
