import { join } from "node:path";
import { type Evaluation, evaluateRun, evaluationPage, type Which } from "@twinview/assess";
import { failure, type Json, unwrap, userError } from "@twinview/config";
import { detect } from "@twinview/data";
import { percentText as percent, writeJson, writeText } from "@twinview/report";
import type { App } from "@twinview/train";
import { type EngineFlags, engineOf } from "../engines.ts";
import { numberList } from "../number-list.ts";
import { dataNameOf, openedRun } from "../opened.ts";
import type { Terminal } from "../output.ts";

export interface EvalFlags extends EngineFlags {
  readonly data: string | undefined;
  readonly weights: string | undefined;
  readonly knn: boolean;
  readonly linear: boolean;
  readonly encoder: Which | undefined;
  readonly k: string;
  readonly temperature: number;
  readonly trainImages: number | undefined;
  readonly testImages: number | undefined;
  readonly rates: string | undefined;
  readonly decays: string | undefined;
  readonly probeEpochs: number | undefined;
  readonly heldOut: number;
  readonly draws: number;
  readonly seed: number;
  readonly threads: number | undefined;
  readonly page: boolean;
  readonly json: boolean;
}

const rows = ({ knn = {}, linear, quality, backbone, encoder, images }: Evaluation): readonly (readonly [string, string])[] => {
  const near = Object.entries(knn).map(([which, accuracies]) => {
    const each = Object.entries(accuracies).map(([k, accuracy]) => `${percent(accuracy)} (k ${k})`);
    return [`kNN, ${which}`, each.join(", ")] as const;
  });
  const probe =
    linear === undefined
      ? []
      : ([
          ["linear probe", `${percent(linear.last)} after the last epoch, ${percent(linear.best)} at the best held-out epoch`],
          ["", `rate ${linear.lr}, decay ${linear.wd}, chosen among ${linear.settings.length} on held-out training images`],
          ["", `held-out ${percent(linear.heldOut)}, training ${percent(linear.train)}, ${linear.epochs} epochs`],
        ] as const);
  const { embeddingStd, rankMe, alignment, uniformity } = quality;
  return [
    ["encoder", `${encoder} ${backbone.name}, ${backbone.width} wide, at step ${backbone.step}`],
    ...(images.test === 0 ? [] : [["images", `${images.train} training, ${images.test} test`] as const]),
    ...near,
    ...probe,
    ["quality", `spread ${embeddingStd.toFixed(3)}, RankMe ${rankMe.toFixed(1)} of ${backbone.width}`],
    ["", `alignment ${alignment.toFixed(3)}, uniformity ${uniformity.toFixed(3)}`],
    ["backbone", `${backbone.unchanged ? "unchanged" : "CHANGED"}, SHA-256 ${backbone.after.slice(0, 16)}`],
  ];
};

/** `twinview eval`: what a run's frozen encoder is worth, on its own data or on others. */
export const evalCommand = async (
  terminal: Terminal,
  apps: Readonly<Record<string, App>>,
  runDir: string,
  flags: EvalFlags,
): Promise<number> => {
  const list = (flag: string, given: string | undefined) => (given === undefined ? undefined : numberList(flag, given, { min: 0 }));
  const [rates, decays] = [list("--rates", flags.rates), list("--decays", flags.decays)];
  const k = numberList("--k", flags.k, { min: 1, integer: true });
  const { opened, note } = await openedRun(terminal, apps, runDir, flags);
  const dataName = dataNameOf(opened.stored, flags.data);
  const data = await unwrap(detect(dataName));
  if (!flags.json) note(data.description);
  const unlabelled = data.train.labels === undefined;
  if (flags.page && unlabelled)
    throw failure(userError("flags", "--page needs labels: neighbours and mistakes are told by their classes", { where: dataName }));
  const all = !flags.knn && !flags.linear && !unlabelled;
  const { heldOut, draws, seed, probeEpochs: epochs, temperature } = flags;
  const which = flags.weights === undefined ? (flags.encoder ?? "online") : "file";
  const { evaluation: found, details } = await evaluateRun({
    opened,
    data,
    dataName,
    engine: await engineOf(flags),
    threads: flags.threads,
    which,
    alsoKnn: flags.encoder === undefined && flags.weights === undefined && opened.run.experiment.hasTarget ? ["target"] : [],
    knn: flags.knn || all ? { k, temperature } : undefined,
    linear: flags.linear || all ? { rates, decays, epochs, heldOut, draws, seed } : undefined,
    trainImages: flags.trainImages,
    testImages: flags.testImages,
    onNote: (text) => note(`warning: ${text}`),
  });
  const path = join(runDir, "eval.json");
  await unwrap(writeJson(path, found as unknown as Json));
  const shown = flags.page ? await details() : undefined;
  if (shown !== undefined) {
    const title = `${opened.run.method} on ${dataName}`;
    await unwrap(writeText(join(runDir, "eval.html"), await evaluationPage(title, found, shown)));
  }
  if (flags.json) terminal.out(`${JSON.stringify(found)}\n`);
  else {
    for (const [name, text] of rows(found)) terminal.out(`${name.padEnd(16)}${text}\n`);
    terminal.out(`written to ${path}${shown === undefined ? "" : " and eval.html"}\n`);
  }
  return 0;
};
