import {
  backboneIn,
  encoderWeights,
  fineTune,
  type LabelledData,
  type OpenedRun,
  type Tuned,
  type TuneOptions,
  type TuneSettings,
} from "@twinview/assess";
import { type EngineFlags, engineOf } from "./engines.ts";

/** The flags that say how an encoder is trained with labels. */
export interface TuneFlags extends EngineFlags {
  readonly from: "online" | "target" | "scratch" | "file";
  readonly labels: number;
  readonly epochs: number | undefined;
  readonly batch: number;
  readonly rate: number;
  readonly weightDecay: number;
  readonly layerDecay: number;
  readonly mixup: number;
  readonly cutmix: number;
  readonly smoothing: number;
  readonly erase: number;
  readonly smallestCrop: number;
  readonly seed: number;
  readonly workers: number | undefined;
  readonly threads: number | undefined;
}

/** The settings that the flags say. The rate of a network that starts from scratch does not fall from layer to layer. */
export const tuneSettings = (flags: TuneFlags): TuneSettings => {
  const { labels, epochs, batch, rate: baseRate, weightDecay, mixup, cutmix, smoothing, erase, smallestCrop, seed } = flags;
  const layerDecay = flags.from === "scratch" ? 1 : flags.layerDecay;
  return { labels, epochs, batch, baseRate, weightDecay, layerDecay, mixup, cutmix, smoothing, erase, smallestCrop, seed };
};

/** Fine-tunes a run's encoder, or trains the same one from scratch, as the flags say. */
export const tuned = async (
  opened: OpenedRun,
  data: LabelledData,
  flags: TuneFlags,
  onEpoch: TuneOptions["onEpoch"] & object,
): Promise<Tuned> =>
  fineTune({
    engine: await engineOf(flags),
    threads: flags.threads,
    workers: flags.workers,
    backbone: backboneIn(opened.stored.config, opened.stored.configPath),
    image: opened.run.experiment.image,
    weights: flags.from === "scratch" ? undefined : encoderWeights(opened, flags.from),
    data,
    settings: tuneSettings(flags),
    onEpoch,
  });
