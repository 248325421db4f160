/**
 * What to do where a step is not finite, in every case with the state of the step before:
 *
 *     stop       save it and end
 *     skip       go on with the next step and its batch; end at the fifth step in a row that is not finite
 *     roll-back  go back to the last regular checkpoint, at step c, and on from there with the batches after the one of the step
 *                that was not finite, step f: step c sees the batch that step f + 1 would have seen; end after five returns to
 *                the same checkpoint
 *
 * Regular checkpoints are those at multiples of `checkpoint.everySteps` and the one before the first step: where a run was stopped or
 * killed in between has no say in where it goes back to.
 * @see Chowdhery et al., arXiv 2204.02311, section 5.1: batches around a spike passed over from a checkpoint before it.
 */
export const onNonFiniteChoices = ["stop", "skip", "roll-back"] as const;
export type OnNonFinite = (typeof onNonFiniteChoices)[number];

/** Steps in a row that may be not finite, and returns to one checkpoint, before a run ends. */
export const mostInARow = 5;
