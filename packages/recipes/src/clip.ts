import { choice, closed, positive, type TypeOf, tagged } from "@twinview/config";
import { clipAdaptively, clipByGlobalNorm, type Transform } from "@twinview/optim";

/** The limit of the global norm when the configuration names none. */
const defaultNorm = 1;

/** Clipping of gradients as configuration. */
export const clipCodec = tagged("clip", "kind", {
  none: closed("clip", { kind: choice(["none"]) }),
  /** All gradients by one factor: their global norm is at most `norm`, 1 when absent. */
  "global-norm": closed("clip", { kind: choice(["global-norm"]) }, { norm: positive }),
  /** Adaptive gradient clipping: each output unit by itself, see `clipAdaptively`; ratio 0.01 and floor 0.001 when absent. */
  adaptive: closed("clip", { kind: choice(["adaptive"]) }, { ratio: positive, floor: positive }),
});
export type ClipConfig = TypeOf<typeof clipCodec>;

/** The clipping of a configuration; undefined where there is none. */
export const clipOf = (clip: ClipConfig): Transform<null> | undefined => {
  switch (clip.kind) {
    case "none":
      return undefined;
    case "global-norm":
      return clipByGlobalNorm(clip.norm ?? defaultNorm);
    case "adaptive": {
      const { kind: _, ...limits } = clip;
      return clipAdaptively(limits);
    }
  }
};
