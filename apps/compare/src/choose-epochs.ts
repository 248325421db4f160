import { roundedEpochs } from "@twinview/recipes";
import type { PlannedCell } from "./cell.ts";

/**
 * The epochs that all cells can have so that the whole comparison takes a number of minutes: every cell sees the same images, however
 * fast it is. Speeds are in images a second, one for each cell.
 */
export const sharedEpochs = (
  cells: readonly { readonly imagesPerSecond: number }[],
  { images, batch, minutes }: { readonly images: number; readonly batch: number; readonly minutes: number },
): number => {
  const imagesAnEpoch = Math.max(1, Math.floor(images / batch)) * batch;
  const secondsAnEpoch = cells.reduce((sum, { imagesPerSecond }) => sum + imagesAnEpoch / imagesPerSecond, 0);
  return roundedEpochs((minutes * 60) / secondsAnEpoch);
};

/** One planned cell for each method and backbone, those whose speed has to be known. */
export const distinctKinds = (cells: readonly PlannedCell[]): readonly PlannedCell[] => {
  const seen = new Set<string>();
  return cells.filter(({ cell }) => {
    const key = JSON.stringify([cell.app.method, cell.backbone, cell.set]);
    return seen.has(key) ? false : seen.add(key);
  });
};
