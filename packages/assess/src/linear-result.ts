import { cropAndFlip } from "@twinview/augment";
import { failure, userError } from "@twinview/config";
import { fold, rngOf } from "@twinview/core";
import type { Engine } from "@twinview/engine";
import { type LabelledRows, type LinearProbe, labelledAt, linearProbe, splitByClass } from "@twinview/eval";
import type { FeatureSession, SourceFeatures } from "./feature-session.ts";
import type { LabelledData } from "./labelled-data.ts";

export interface LinearOptions {
  readonly rates?: readonly number[] | undefined;
  readonly decays?: readonly number[] | undefined;
  readonly epochs?: number | undefined;
  /** Share of each training class that the setting is chosen by, and that is not trained on. */
  readonly heldOut: number;
  /** How many draws of crop and flip the training images are shown in, one after another by epoch; 0 shows them as they are. */
  readonly draws: number;
  readonly seed: number;
}

/** A linear probe's numbers without the classes it gave. */
export type LinearResult = Omit<LinearProbe, "predicted">;

/** A linear probe on features that have been computed; the setting is chosen on a part of the training images that is held out. */
export const linearOf = async (args: {
  readonly engine: Engine;
  readonly threads?: number | undefined;
  readonly session: FeatureSession;
  readonly image: number;
  readonly data: LabelledData;
  readonly train: SourceFeatures;
  readonly test: LabelledRows;
  readonly options: LinearOptions;
}): Promise<LinearProbe> => {
  const { engine, threads, session, image, data, train, test, options } = args;
  const { rates, decays, epochs, draws, seed } = options;
  const rng = fold(rngOf(seed), "linear");
  const { taken, rest } = splitByClass(train.labels, { share: options.heldOut, rng: fold(rng, "held out"), keepOne: true });
  if (taken.length === 0)
    throw failure(
      userError("data-classes", "every class has a single training image: none can be held out to choose the rate by", {
        got: `${train.labels.length} training images`,
        expected: "at least 2 images of a class",
      }),
    );
  const shown = rest.map((i) => train.indices[i] as number);
  const drawn: Awaited<ReturnType<FeatureSession["ofDraw"]>>[] = [];
  for (let epoch = 0; epoch < draws; epoch++)
    drawn.push(await session.ofDraw(data.train, shown, { view: cropAndFlip({ size: image }), seed, epoch }));
  return linearProbe({
    engine,
    fit: {
      ...labelledAt(train, rest),
      ...(drawn.length === 0 ? {} : { augmented: (epoch: number) => drawn[epoch % drawn.length] as (typeof drawn)[number] }),
    },
    heldOut: labelledAt(train, taken),
    test,
    classes: data.classes.length,
    rng,
    ...(rates === undefined ? {} : { rates }),
    ...(decays === undefined ? {} : { decays }),
    ...(epochs === undefined ? {} : { epochs }),
    threads,
  });
};
