import { type ViewOptions, view } from "@twinview/augment";
import { fold, rngOf } from "@twinview/core";
import type { Experiment } from "./experiment.ts";
import type { ImageSet } from "./monitor.ts";

/** Two views of the same images, row by row: what alignment is measured on. */
export interface ViewPairs {
  readonly first: ImageSet;
  readonly second: ImageSet;
}

/**
 * The first two full-sized views that the method makes of the first `count` images of a set; two draws of one view for a method
 * that has no second. The same pairs each time: they depend on the experiment's seed alone.
 */
export const viewPairs = (
  { views, image, seed }: Pick<Experiment, "views" | "image" | "seed">,
  set: ImageSet,
  count: number,
): ViewPairs => {
  const full = views.filter(({ size }) => size === image);
  const one = full[0] ?? ({ ...views[0], size: image } as ViewOptions);
  const bytes = image * image * 3;
  const made = Math.min(count, set.count);
  const render = (options: ViewOptions, name: string): ImageSet => {
    const renderer = view(options);
    const key = fold(fold(rngOf(seed), "pairs"), name);
    const pixels = new Uint8Array(made * bytes);
    for (let i = 0; i < made; i++) {
      const data = set.pixels.subarray(i * set.size * set.size * 3, (i + 1) * set.size * set.size * 3);
      renderer.render({ width: set.size, height: set.size, data }, fold(key, i), pixels.subarray(i * bytes, (i + 1) * bytes));
    }
    return { count: made, size: image, pixels, labels: set.labels.subarray(0, made) };
  };
  return { first: render(one, "first"), second: render(full[1] ?? one, "second") };
};
