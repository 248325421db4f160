import { decode, failure, type Json, orThrow, userError } from "@twinview/config";
import { commonOptions } from "@twinview/recipes";
import type { PlannedRun, StartWeights } from "@twinview/train";
import { backboneIn } from "./backbone-of.ts";
import { importEncoder, readWeightFile } from "./import-encoder.ts";

/**
 * What the encoder of a run starts from, by its configuration; undefined where that is its own initial values. The file is read when it
 * is asked for. Throws a user error where it is not the file that the run was set up with.
 */
export const startOf = ({ config, experiment }: Pick<PlannedRun, "config" | "experiment">): (() => Promise<StartWeights>) | undefined => {
  const given = (config as { readonly initFrom?: Json }).initFrom;
  if (given === undefined) return undefined;
  return async () => {
    const { file, sha256 } = orThrow(decode(commonOptions.initFrom, given, "config.json"));
    const weights = await readWeightFile(file);
    if (weights.sha256 !== sha256)
      throw failure(
        userError("weights", "the file is not the one that this run was set up with", {
          where: file,
          got: `SHA-256 ${weights.sha256.slice(0, 16)}..`,
          expected: `${sha256.slice(0, 16)}..`,
        }),
      );
    return importEncoder(weights, backboneIn(config, "config.json"), experiment.image);
  };
};
