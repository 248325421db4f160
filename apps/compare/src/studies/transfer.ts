import { join } from "node:path";
import { backboneIn, encoderWeights, fineTune, type LabelledData, openRun, type TuneSettings } from "@twinview/assess";
import { closed, fraction, type Json, nonNegative, readJson, type TypeOf, unwrap } from "@twinview/config";
import type { Engine } from "@twinview/engine";
import { writeJson } from "@twinview/report";
import type { App } from "@twinview/train";
import * as E from "fp-ts/lib/Either.js";
import { configKey } from "./config-key.ts";

/** Every trained encoder of a study is fine-tuned on another data set. */
export interface TransferPlan {
  readonly to: string;
  readonly settings: Omit<TuneSettings, "seed">;
}

const transferredCodec = closed("transfer", {
  /** Accuracies in 0..1 after fine-tuning, on the other data set's test images and on the training images that were seen. */
  test: fraction,
  train: fraction,
  seconds: nonNegative,
});

/** What an encoder became on the other data set. */
export type Transferred = TypeOf<typeof transferredCodec>;

/** Fine-tunes the encoder of a run's last checkpoint by the plan, once: the result is kept in the run's folder. */
export const transferRun = async (options: {
  readonly runDir: string;
  readonly app: App;
  readonly seed: number;
  readonly plan: TransferPlan;
  readonly data: LabelledData;
  readonly engine: Engine;
  readonly threads?: number | undefined;
  readonly workers?: number | undefined;
}): Promise<Transferred> => {
  const { runDir, app, seed, plan, data, engine, threads, workers } = options;
  const path = join(runDir, `transfer-${configKey(plan as unknown as Json)}.json`);
  const before = await readJson(path, transferredCodec)();
  if (E.isRight(before)) return before.right;
  const started = performance.now();
  const opened = await openRun({ [app.method]: app }, runDir);
  const { stored, run } = opened;
  const { result } = await fineTune({
    engine,
    threads,
    workers,
    backbone: backboneIn(stored.config, stored.configPath),
    image: run.experiment.image,
    weights: encoderWeights(opened, "online"),
    data,
    settings: { ...plan.settings, seed },
  });
  const found = { test: result.test, train: result.train, seconds: (performance.now() - started) / 1000 };
  await unwrap(writeJson(path, transferredCodec.encode(found) as Json));
  return found;
};
