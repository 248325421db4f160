import { checkOption, fold, permutation, type Rng } from "@twinview/core";

/** Indices of a set parted in two, each in rising order. */
export interface ClassSplit {
  readonly taken: Uint32Array;
  readonly rest: Uint32Array;
}

/**
 * Takes a share of every class, chosen by key: a tenth of the labels, or a part held out. The count of a class is rounded to the
 * nearest whole number, but at least one image of each class is taken, and where `keepOne` is set at least one is left.
 * @throws ShapeError if the share is outside (0, 1].
 */
export const splitByClass = (
  labels: ArrayLike<number>,
  { share, rng, keepOne = false }: { readonly share: number; readonly rng: Rng; readonly keepOne?: boolean },
): ClassSplit => {
  checkOption("splitByClass", "share", share, share > 0 && share <= 1, "a number in (0, 1]");
  const members = new Map<number, number[]>();
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number;
    const known = members.get(label);
    if (known === undefined) members.set(label, [i]);
    else known.push(i);
  }
  const chosen = new Uint8Array(labels.length);
  for (const [label, indices] of members) {
    const most = keepOne ? indices.length - 1 : indices.length;
    const count = Math.min(most, Math.max(1, Math.round(indices.length * share)));
    const order = permutation(fold(rng, label), indices.length);
    for (let k = 0; k < count; k++) chosen[indices[order[k] as number] as number] = 1;
  }
  const where = (flag: number): Uint32Array => Uint32Array.from(chosen.keys()).filter((i) => chosen[i] === flag);
  return { taken: where(1), rest: where(0) };
};
