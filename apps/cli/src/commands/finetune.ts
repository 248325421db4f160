import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { backboneIn, labelledData } from "@twinview/assess";
import { type Json, unwrap } from "@twinview/config";
import { detect } from "@twinview/data";
import { percentText as percent, writeBytes, writeJson } from "@twinview/report";
import type { App } from "@twinview/train";
import { formatOf } from "../export-format.ts";
import { dataNameOf, openedRun } from "../opened.ts";
import type { Terminal } from "../output.ts";
import { type TuneFlags, tuned, tuneSettings } from "../tuning.ts";

/** `twinview finetune`: a run's encoder trained further with labels, or the same encoder trained with labels alone. */
export const finetuneCommand = async (
  terminal: Terminal,
  apps: Readonly<Record<string, App>>,
  runDir: string,
  given: TuneFlags & {
    readonly data: string | undefined;
    readonly weights: string | undefined;
    readonly to: string | undefined;
    readonly json: boolean;
  },
): Promise<number> => {
  const { opened, note } = await openedRun(terminal, apps, runDir, given);
  const flags = given.weights === undefined ? given : { ...given, from: "file" as const };
  const format = flags.to === undefined ? undefined : formatOf(flags.to);
  const name = dataNameOf(opened.stored, flags.data);
  const found = await unwrap(detect(name));
  const data = labelledData(found, name);
  if (!flags.json) note(found.description);
  const { result, weights } = await tuned(opened, data, flags, ({ epoch, epochs, loss }) => {
    if (!flags.json) note(`epoch ${epoch}/${Math.round(epochs)}  loss ${loss.toFixed(4)}`);
  });
  const whole = { data: name, from: flags.from, step: opened.checkpoint.step, ...tuneSettings(flags), ...result };
  const folder = join(runDir, "finetune");
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${flags.from}-labels-${flags.labels}-seed-${flags.seed}.json`);
  await unwrap(writeJson(path, whole as unknown as Json));
  if (flags.to !== undefined && format !== undefined) {
    const { image, encoder } = opened.run.experiment;
    const backbone = backboneIn(opened.stored.config, opened.stored.configPath);
    const exported = { weights: { which: "file" as const, encoder, from: "fine-tuning", ...weights }, backbone, image };
    await mkdir(dirname(flags.to), { recursive: true });
    await unwrap(writeBytes(flags.to, format(exported, flags.to)));
  }
  if (flags.json) terminal.out(`${JSON.stringify(whole)}\n`);
  else {
    const trained = flags.from === "file" ? `from ${flags.weights}` : `from the ${flags.from} encoder at step ${opened.checkpoint.step}`;
    const start = flags.from === "scratch" ? "from scratch" : trained;
    note(`${start}, ${result.images.train} labelled images, ${result.steps} steps`);
    note(`test ${percent(result.test)}, training ${percent(result.train)}, gap ${(100 * result.gap).toFixed(1)} points`);
    note(`written to ${path}`);
  }
  return 0;
};
