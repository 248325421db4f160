import { add, checkOption, concat, mul, ones, type Scalar, slice, stopGradient, type Tensor, where, zeros } from "@twinview/core";

/** Embeddings of past batches, newest first, carried from step to step; one list for each crop that gives codes. */
export interface Queue {
  readonly crops: Readonly<Record<string, Tensor>>;
  /** Rows pushed since the queue was switched on. */
  readonly pushed: Scalar;
}

const name = (crop: number): string => `crop${crop}`;

/** A queue of `length` rows of `width` numbers for each of `crops` crops; empty. */
export const emptyQueue = ({
  crops,
  length,
  width,
}: {
  readonly crops: number;
  readonly length: number;
  readonly width: number;
}): Queue => ({
  crops: Object.fromEntries(Array.from({ length: crops }, (_, crop) => [name(crop), zeros([length, width])])),
  pushed: zeros([]),
});

/**
 * One step of a queue that starts late. `on` is 0 before its start and 1 after it. Rows are pushed at every step but counted from
 * the start on, so the queue is `full`, and worth reading, once every row in it was pushed since then.
 * @throws ShapeError if the queue's length is not a multiple of the batch.
 * @see swav main_swav.py, train: there the queue is created at its first epoch and read once its last row is not zero.
 */
export const stepQueue = (
  queue: Queue,
  embeddings: readonly Tensor[],
  on: Scalar,
): { readonly queue: Queue; readonly rows: readonly Tensor[]; readonly full: Scalar } => {
  const rows = embeddings.map((_, crop) => queue.crops[name(crop)] as Tensor); // [L, D] each
  const length = rows[0]?.shape[0] as number;
  const batch = embeddings[0]?.shape[0] as number;
  checkOption("swav", "queue", length, length % batch === 0, `a multiple of the batch, ${batch}`);
  const pushed = rows.map((old, crop) => {
    const fresh = stopGradient(embeddings[crop] as Tensor);
    return length === batch ? fresh : concat([fresh, slice(old, { axis: 0, start: 0, length: length - batch })], 0);
  });
  const isFull = where(add(queue.pushed, 0.5 - length), ones([]), zeros([])); // whole numbers: pushed >= length
  return {
    queue: {
      crops: Object.fromEntries(pushed.map((fresh, crop) => [name(crop), fresh])),
      pushed: mul(on, add(queue.pushed, batch)),
    },
    rows,
    full: mul(on, isFull),
  };
};
