import { checkOption } from "@twinview/core";

/**
 * How often images of each class (row) were given each class (column): counts `[classes, classes]` in row-major order.
 * @throws ShapeError if the lists differ in length.
 */
export const confusionMatrix = (predicted: ArrayLike<number>, labels: ArrayLike<number>, classes: number): Int32Array => {
  checkOption("confusionMatrix", "predicted.length", predicted.length, predicted.length === labels.length, `${labels.length}, one a label`);
  const counts = new Int32Array(classes * classes);
  for (let i = 0; i < labels.length; i++) {
    const at = (labels[i] as number) * classes + (predicted[i] as number);
    counts[at] = (counts[at] as number) + 1;
  }
  return counts;
};
