import { anyNumber, array, closed, natural, nonNegative, nullable, record, type TypeOf, text } from "@twinview/config";

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
  {
    /** How often representations collapsed so far; absent in checkpoints of earlier versions. */
    collapse: natural,
    /** How many of the steps just before `nextStep` were left out because they were not finite; absent where none was. */
    leftOut: natural,
    /** Each return to a checkpoint: from the step that was not finite, to the step that ran next. */
    rollBacks: array(closed("a roll-back", { from: natural, to: natural, tensors: array(text) })),
  },
);

export type RunProgress = TypeOf<typeof progressCodec>;

/** How many batches are passed over because of roll-backs: those from the checkpoint to the step that was not finite, each time. */
export const batchesPassed = ({ rollBacks = [] }: Pick<RunProgress, "rollBacks">): number =>
  rollBacks.reduce((sum, { from, to }) => sum + from + 1 - to, 0);
