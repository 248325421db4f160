import { failure, type UserErrorDetails, userError } from "@twinview/config";
import type { Detected, Source } from "@twinview/data";

/** Data that classifiers can be fitted to and tested on. */
export interface LabelledData {
  readonly train: Source & { readonly labels: Int32Array };
  readonly test: Source & { readonly labels: Int32Array };
  readonly classes: readonly string[];
}

const refuse = (what: string, details: UserErrorDetails): never => {
  throw failure(userError("data-classes", what, details));
};

const countsOf = (source: Source): readonly number[] => {
  const counts = new Array<number>(source.classes?.length ?? 0).fill(0);
  for (const label of source.labels ?? []) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
};

/** Data with classes. Throws a user error, naming the data, where there are none, only one, or the two parts differ in theirs. */
export const labelledData = ({ train, test }: Detected, name: string): LabelledData => {
  const { classes, labels } = train;
  if (classes === undefined || labels === undefined)
    return refuse("the images have no labels", {
      where: name,
      expected: "a folder of images for each class, or a data set with labels",
      fix: "without --knn and --linear, twinview eval measures what needs no labels",
    });
  const present = countsOf(train).filter((count) => count > 0).length;
  if (present < 2)
    return refuse("there is only one class: nothing to tell apart", {
      where: name,
      got: classes.join(", "),
      expected: "at least 2 classes",
    });
  if (test === undefined || test.labels === undefined || test.length === 0)
    return refuse("there are no test images", { where: name, fix: "give each class at least 10 images, or make folders train and test" });
  const testClasses = test.classes ?? classes;
  if (testClasses.length !== classes.length)
    return refuse("the training and the test images differ in their classes", {
      where: name,
      got: `${classes.length} classes in training, ${testClasses.length} in test`,
      expected: "the same classes",
    });
  const trained = countsOf(train);
  const unseen = countsOf(test).findIndex((count, label) => count > 0 && trained[label] === 0);
  if (unseen >= 0) return refuse("a class of the test images has no training image", { where: name, got: classes[unseen] as string });
  return { train: train as LabelledData["train"], test: test as LabelledData["test"], classes };
};
