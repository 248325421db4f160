import { rngOf, uniforms } from "@twinview/core";
import { undisturbed, type Whole } from "./small-run.ts";

/** The place of the trials. */
export interface Ground {
  /** A folder that they have to themselves. */
  readonly folder: string;
  /** The command line that starts twinview, without its arguments. */
  readonly program: readonly string[];
  /** Uniform numbers in [0, 1): the moments of the faults. */
  readonly random: () => number;
  /** The small run when nothing disturbs it, trained when it is first asked for. */
  readonly whole: () => Promise<Whole>;
}

/** Prepares a folder for trials. */
export const openGround = ({ seed, ...place }: Pick<Ground, "folder" | "program"> & { readonly seed: number }): Ground => {
  let whole: Promise<Whole> | undefined;
  return {
    ...place,
    random: uniforms(rngOf(seed)),
    whole: () => {
      whole ??= undisturbed(place);
      return whole;
    },
  };
};
