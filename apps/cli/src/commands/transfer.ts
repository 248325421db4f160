import { join } from "node:path";
import { type Evaluation, evaluateRun, labelledData, type TuneResult, type Which } from "@twinview/assess";
import { failure, type Json, unwrap, userError } from "@twinview/config";
import { type Detected, detect } from "@twinview/data";
import { percentText as percent, writeJson } from "@twinview/report";
import type { App } from "@twinview/train";
import { engineOf } from "../engines.ts";
import { numberList } from "../number-list.ts";
import { openedRun } from "../opened.ts";
import type { Terminal } from "../output.ts";
import { type TuneFlags, tuned } from "../tuning.ts";

export interface TransferFlags extends TuneFlags {
  readonly to: readonly string[];
  readonly weights: string | undefined;
  readonly knn: boolean;
  readonly linear: boolean;
  readonly finetune: boolean;
  readonly baseline: boolean;
  readonly k: string;
  readonly temperature: number;
  readonly trainImages: number | undefined;
  readonly testImages: number | undefined;
  readonly probeEpochs: number | undefined;
  readonly json: boolean;
}

/** What one encoder is worth on one data set. */
interface Transferred {
  readonly data: string;
  readonly encoder: Which;
  readonly knn?: Readonly<Record<string, number>>;
  readonly linear?: Pick<NonNullable<Evaluation["linear"]>, "last" | "best" | "lr" | "wd">;
  readonly finetune?: TuneResult;
}

const shortened = (linear: Evaluation["linear"]): Pick<Transferred, "linear"> => {
  if (linear === undefined) return {};
  const { last, best, lr, wd } = linear;
  return { linear: { last, best, lr, wd } };
};

const rowOf = ({ data, encoder, knn = {}, linear, finetune }: Transferred): string => {
  const near = Object.entries(knn).map(([k, accuracy]) => `kNN ${percent(accuracy)} (k ${k})`);
  const probe = linear === undefined ? [] : [`linear ${percent(linear.last)}`];
  const tuning = finetune === undefined ? [] : [`fine-tuned ${percent(finetune.test)}, gap ${(100 * finetune.gap).toFixed(1)} points`];
  return `${data}, ${encoder}: ${[...near, ...probe, ...tuning].join("; ")}`;
};

/** `twinview transfer`: what a run's encoder is worth on other data sets. */
export const transferCommand = async (
  terminal: Terminal,
  apps: Readonly<Record<string, App>>,
  runDir: string,
  given: TransferFlags,
): Promise<number> => {
  const flags = given.weights === undefined ? given : { ...given, from: "file" as const };
  if (flags.to.length === 0) throw failure(userError("flags", "no data to transfer to", { expected: "--to DATA, once for each data set" }));
  if (flags.from === "scratch")
    throw failure(
      userError("flags", "--from scratch transfers nothing", {
        expected: "--from online or target",
        fix: "--baseline measures the untrained encoder and training from scratch beside it",
      }),
    );
  const k = numberList("--k", flags.k, { min: 1, integer: true });
  const { opened, note } = await openedRun(terminal, apps, runDir, flags);
  const engine = await engineOf(flags);
  const found: (readonly [string, Detected])[] = [];
  for (const name of flags.to) found.push([name, await unwrap(detect(name))]);
  for (const [name, data] of found) labelledData(data, name); // every set is looked at before the first is measured
  const all = !flags.knn && !flags.linear && !flags.finetune;
  const measure = async (name: string, data: Detected, encoder: Which): Promise<Transferred> => {
    const frozen = {
      knn: flags.knn || all ? { k, temperature: flags.temperature } : undefined,
      linear: flags.linear || all ? { epochs: flags.probeEpochs, heldOut: 0.1, draws: 0, seed: flags.seed } : undefined,
    };
    const { threads, trainImages, testImages } = flags;
    const sizes = { trainImages, testImages };
    const judged =
      frozen.knn === undefined && frozen.linear === undefined
        ? undefined
        : (await evaluateRun({ opened, data, dataName: name, engine, threads, which: encoder, ...frozen, ...sizes, onNote: note }))
            .evaluation;
    const from = encoder === "untrained" ? "scratch" : encoder;
    const tuning = flags.finetune || all ? await tuned(opened, labelledData(data, name), { ...flags, from }, () => {}) : undefined;
    const knn = judged?.knn?.[encoder];
    return {
      data: name,
      encoder,
      ...(knn === undefined ? {} : { knn }),
      ...shortened(judged?.linear),
      ...(tuning === undefined ? {} : { finetune: tuning.result }),
    };
  };
  const results: Transferred[] = [];
  const path = join(runDir, "transfer.json");
  for (const [name, data] of found)
    for (const encoder of flags.baseline ? [flags.from, "untrained" as const] : [flags.from]) {
      const result = await measure(name, data, encoder);
      results.push(result);
      if (!flags.json) note(rowOf(result));
      await unwrap(writeJson(path, { step: opened.checkpoint.step, results } as unknown as Json)); // what is measured is kept
    }
  if (flags.json) terminal.out(`${JSON.stringify({ step: opened.checkpoint.step, results })}\n`);
  else note(`written to ${path}`);
  return 0;
};
