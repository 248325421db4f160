import type { Rng } from "@twinview/core";
import type { Image, Size } from "./image.ts";

/**
 * A random change of an image in two halves: `sample` draws its parameters, plain data, from a keyed stream; `apply` is a
 * deterministic function of the image and the parameters. Golden tests and replays go through `apply` alone.
 */
export interface Transform<P> {
  readonly name: string;
  readonly sample: (rng: Rng, size: Size) => P;
  readonly apply: (image: Image, params: P) => Image;
}
