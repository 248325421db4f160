import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { labelledData, openRun } from "@twinview/assess";
import { failure, type Json, unwrap, userError } from "@twinview/config";
import { detect } from "@twinview/data";
import { writeJson } from "@twinview/report";
import type { App } from "@twinview/train";
import type { Terminal } from "../output.ts";
import { percent } from "../percent.ts";
import { type TuneFlags, tuned, tuneSettings } from "../tuning.ts";

/** `twinview finetune`: a run's encoder trained further with labels, or the same encoder trained with labels alone. */
export const finetuneCommand = async (
  terminal: Terminal,
  apps: Readonly<Record<string, App>>,
  runDir: string,
  flags: TuneFlags & { readonly data: string | undefined; readonly json: boolean },
): Promise<number> => {
  const opened = await openRun(apps, runDir);
  const note = (text: string): void => (flags.json ? terminal.error : terminal.out)(`${text}\n`);
  for (const text of opened.warnings) note(`warning: ${text}`);
  const name = flags.data ?? opened.stored.data;
  if (name === undefined) throw failure(userError("config", "the configuration names no data", { where: opened.stored.configPath }));
  const found = await unwrap(detect(name));
  const data = labelledData(found, name);
  if (!flags.json) note(found.description);
  const result = await tuned(opened, data, flags, ({ epoch, epochs, loss }) => {
    if (!flags.json) note(`epoch ${epoch}/${Math.round(epochs)}  loss ${loss.toFixed(4)}`);
  });
  const whole = { data: name, from: flags.from, step: opened.checkpoint.step, ...tuneSettings(flags), ...result };
  const folder = join(runDir, "finetune");
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${flags.from}-labels-${flags.labels}-seed-${flags.seed}.json`);
  await unwrap(writeJson(path, whole as unknown as Json));
  if (flags.json) terminal.out(`${JSON.stringify(whole)}\n`);
  else {
    const start = flags.from === "scratch" ? "from scratch" : `from the ${flags.from} encoder at step ${opened.checkpoint.step}`;
    note(`${start}, ${result.images.train} labelled images, ${result.steps} steps`);
    note(`test ${percent(result.test)}, training ${percent(result.train)}, gap ${(100 * result.gap).toFixed(1)} points`);
    note(`written to ${path}`);
  }
  return 0;
};
