import {
  backboneIn,
  encoderWeights,
  type FeaturePart,
  type OpenedRun,
  openFeatures,
  openRun,
  type Which,
  writeFeatures,
} from "@twinview/assess";
import { failure, unwrap, userError } from "@twinview/config";
import { detect } from "@twinview/data";
import { writeBytes } from "@twinview/report";
import type { App } from "@twinview/train";
import { type EngineFlags, engineOf } from "../engines.ts";
import { formatOf } from "../export-format.ts";
import { dataNameOf } from "../opened.ts";
import type { Terminal } from "../output.ts";

export interface ExportFlags extends EngineFlags {
  readonly to: readonly string[];
  readonly features: string | undefined;
  readonly data: string | undefined;
  readonly encoder: Which | undefined;
  readonly threads: number | undefined;
  readonly json: boolean;
}

const exportFeatures = async (folder: string, opened: OpenedRun, which: Which, flags: ExportFlags): Promise<readonly string[]> => {
  const { train, test } = await unwrap(detect(dataNameOf(opened.stored, flags.data)));
  const { image } = opened.run.experiment;
  const session = await openFeatures({
    engine: await engineOf(flags),
    weights: encoderWeights(opened, which),
    image,
    threads: flags.threads,
  });
  try {
    const parts: FeaturePart[] = [];
    for (const [part, source] of [["train", train] as const, ["test", test] as const]) {
      if (source === undefined) continue;
      const all = Array.from({ length: source.length }, (_, i) => i);
      parts.push({ name: part, source, found: await session.ofSource(source, all) });
    }
    return await writeFeatures(folder, parts);
  } finally {
    await session.close();
  }
};

/** `twinview export`: a run's encoder, or its features, in files that others read. */
export const exportCommand = async (
  terminal: Terminal,
  apps: Readonly<Record<string, App>>,
  runDir: string,
  flags: ExportFlags,
): Promise<number> => {
  const { to, features, encoder: which = "online", json } = flags;
  if (to.length === 0 && features === undefined)
    throw failure(userError("flags", "nothing to export", { expected: "--to FILE for the encoder, --features FOLDER for features" }));
  const wanted = to.map((file) => [file, formatOf(file)] as const);
  const opened = await openRun(apps, runDir);
  for (const text of opened.warnings) terminal.error(`warning: ${text}\n`);
  const { image } = opened.run.experiment;
  const encoder = { weights: encoderWeights(opened, which), backbone: backboneIn(opened.stored.config, opened.stored.configPath), image };
  const written: string[] = [];
  for (const [file, format] of wanted) {
    await unwrap(writeBytes(file, format(encoder, file)));
    written.push(file);
  }
  if (features !== undefined) written.push(...(await exportFeatures(features, opened, which, flags)));
  terminal.out(json ? `${JSON.stringify({ written })}\n` : written.map((file) => `written to ${file}\n`).join(""));
  return 0;
};
