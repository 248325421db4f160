import { type DataError, dataError } from "./data-error.ts";
import type { BadFile } from "./source.ts";

/** How many broken images are put up with: a share of all, and never fewer than a handful. */
export interface BadLimit {
  /** Share of all images. Default 0.01. */
  readonly share?: number;
  /** Number that is always allowed. Default 5. */
  readonly atLeast?: number;
}

/** The number of broken images a set of `length` may have. */
export const badAllowed = (length: number, { share = 0.01, atLeast = 5 }: BadLimit = {}): number =>
  Math.max(Math.floor(length * share), atLeast);

/** The error for a set with too many broken images, naming the first of them; undefined within the limit. */
export const tooManyBad = (where: string, bad: readonly BadFile[], length: number, limit: BadLimit = {}): DataError | undefined => {
  const allowed = badAllowed(length, limit);
  if (bad.length <= allowed) return undefined;
  const shown = bad.slice(0, 3).map(({ path, reason }) => `${path} (${reason})`);
  return dataError("data-too-many-bad", `${bad.length} of ${length} images cannot be decoded: ${shown.join(", ")}, ...`, {
    where,
    got: `${bad.length} broken images`,
    expected: `at most ${allowed}`,
    fix: "repair or remove these files",
  });
};
