import { slice, type Tensor } from "@twinview/core";

/** Cuts the rows of several views of one batch, one view after the other, apart again: `[V B, D]` to V times `[B, D]`. */
export const cutViews = (rows: Tensor, views: number): readonly Tensor[] => {
  const length = (rows.shape[0] as number) / views;
  return Array.from({ length: views }, (_, i) => slice(rows, { axis: 0, start: i * length, length }));
};
