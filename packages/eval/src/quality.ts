import { hostArray, type Tensor } from "@twinview/core";
import type { Program, RunResult } from "@twinview/engine";
import { alignment, embeddingStd, rankMe, uniformity } from "@twinview/stability";
import { checkRows, type Rows, rowsAt } from "./rows.ts";

/** How features are spread, told without labels. */
export interface FeatureQuality {
  /** Mean deviation of unit-length features over dimensions, times `sqrt(D)`: 0 when collapsed, near 1 when spread out. */
  readonly embeddingStd: number;
  /** Effective number of dimensions by the entropy of the singular values, 1 to D. */
  readonly rankMe: number;
  /** Mean squared distance of two views of an image, 0 to 4; lower is better at equal uniformity. */
  readonly alignment: number;
  /** Log of the mean Gaussian potential of pairs, about -4 to 0; lower is more uniform. */
  readonly uniformity: number;
}

/** Sizes of the program: how many images, how many pairs of views, and the features' width. */
export interface QualitySizes {
  readonly images: number;
  readonly pairs: number;
  readonly width: number;
}

/** What is measured: features of clean images, and of two views of the same images row by row. */
export interface QualityFeatures {
  readonly clean: Rows;
  readonly first: Rows;
  readonly second: Rows;
}

/** The measures that are sums over pairs of rows, as a program without state: scalars `embeddingStd`, `alignment`, `uniformity`. */
export const qualityProgram = ({ images, pairs, width }: QualitySizes): Program => ({
  inputs: {
    clean: { shape: [images, width], dtype: "float32" },
    first: { shape: [pairs, width], dtype: "float32" },
    second: { shape: [pairs, width], dtype: "float32" },
  },
  run: ({ inputs }) => {
    const { clean, first, second } = inputs as Readonly<Record<string, Tensor>> as { clean: Tensor; first: Tensor; second: Tensor };
    return {
      outputs: { embeddingStd: embeddingStd(clean), uniformity: uniformity(clean), alignment: alignment(first, second) },
    };
  },
});

/** The first rows of a set, at most `count`. */
export const firstRows = (rows: Rows, count: number): Rows =>
  rows.rows <= count
    ? rows
    : rowsAt(
        rows,
        Array.from({ length: count }, (_, i) => i),
      );

const inputOf = ({ rows, width, data }: Rows) => hostArray(data, [rows, width]);

/**
 * Measures features by a compiled {@link qualityProgram} of their sizes; the singular values come from the host, in float64.
 * @throws ShapeError if the widths, or the two views' counts, differ.
 */
export const featureQuality = async (
  { clean, first, second }: QualityFeatures,
  run: (inputs: Readonly<Record<"clean" | "first" | "second", ReturnType<typeof inputOf>>>) => Promise<RunResult>,
): Promise<FeatureQuality> => {
  checkRows("featureQuality", "clean", clean);
  checkRows("featureQuality", "first", first, clean.width);
  checkRows("featureQuality", "second", { ...second, rows: first.rows }, clean.width);
  const { outputs } = await run({ clean: inputOf(clean), first: inputOf(first), second: inputOf(second) });
  const scalar = (name: string): number => outputs[name]?.data[0] ?? Number.NaN;
  return {
    embeddingStd: scalar("embeddingStd"),
    rankMe: rankMe(clean.data, clean),
    alignment: scalar("alignment"),
    uniformity: scalar("uniformity"),
  };
};
