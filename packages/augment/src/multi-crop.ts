import { checkOption } from "@twinview/core";
import { type DistortedViewsOptions, distortedViews } from "./distorted-views.ts";
import type { ViewOptions } from "./view.ts";

/** Crops of one kind. */
export interface CropsOptions {
  /** Side of the crops, in pixels. */
  readonly size: number;
  readonly count: number;
  /** Range of the crop's share of the image area. */
  readonly scale: readonly [number, number];
}

export interface MultiCropOptions extends Pick<DistortedViewsOptions, "strength" | "blur"> {
  readonly large: CropsOptions;
  /** Small crops of small parts of the image; they cost little and are never the ones that give codes. */
  readonly small: CropsOptions;
}

/**
 * SwAV's multi-crop: the large crops first, then the small ones, coloured as SimCLR's views.
 * As published: two large ones of 224 px and scale .14 to 1, six small ones of 96 px and scale .05 to .14.
 * @throws ShapeError if there is no large crop, or the small crops are larger than the large ones.
 * @see Caron et al., SwAV, arXiv 2006.09882, section 3.2.
 */
export const multiCrop = ({ large, small, ...colours }: MultiCropOptions): readonly ViewOptions[] => {
  checkOption("multiCrop", "small.count", small.count, Number.isInteger(small.count) && small.count >= 0, "a whole number, at least 0");
  const shrinks = small.count === 0 || small.size <= large.size;
  checkOption("multiCrop", "small.size", small.size, shrinks, `at most the side of the large crops, ${large.size}`);
  const crops = ({ size, count, scale }: CropsOptions): readonly ViewOptions[] => distortedViews({ ...colours, size, count, scale });
  return [...crops(large), ...(small.count === 0 ? [] : crops(small))];
};
