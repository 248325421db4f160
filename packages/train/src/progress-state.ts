import { anyNumber, array, closed, natural, nonNegative, nullable, record, type TypeOf } from "@twinview/config";

const top1 = nullable(record(anyNumber));
const baselines = closed("baselines", { raw: top1, random: top1 });

/** What a checkpoint knows of a run beside its tensors: enough to go on as if nothing had happened. */
export const progressCodec = closed(
  "progress",
  {
    /** The step to run next. */
    nextStep: natural,
    loss: closed("loss", { first: anyNumber, last: anyNumber }),
    monitor: baselines,
    final: baselines,
    /** kNN accuracy after a number of steps, at each evaluation so far. */
    curve: array(closed("point", { step: natural, accuracy: anyNumber })),
    /** Spikes so far; those of neighbouring steps are one. */
    spikes: natural,
    /** Steps so far that were not taken because some number was not finite. */
    nonFinite: natural,
    /** Time spent training, in seconds. */
    seconds: nonNegative,
    peakRssBytes: nonNegative,
  },
  /** How often representations collapsed so far; absent in checkpoints of earlier versions. */
  { collapse: natural },
);

export type RunProgress = TypeOf<typeof progressCodec>;
