import { join } from "node:path";
import { closed, type Json, nonNegative, readJson, type TypeOf, text, type UserError, unwrap } from "@twinview/config";
import { writeJson } from "@twinview/report";
import * as E from "fp-ts/lib/Either.js";

const divergedCodec = closed("diverged", {
  /** What was not finite, and when. */
  what: text,
  /** Time spent on the run. */
  seconds: nonNegative,
});

/** A run that ended in numbers that are not finite. */
export type Diverged = TypeOf<typeof divergedCodec>;

const fileIn = (runDir: string): string => join(runDir, "diverged.json");

/** Whether a run failed because its numbers were not finite: a result, where rates are tried out. */
export const isDivergence = (error: UserError): boolean => error.kind === "non-finite";

/** Writes down in a run's folder that it diverged, so that it is not tried again. */
export const writeDiverged = (runDir: string, diverged: Diverged): Promise<void> =>
  unwrap(writeJson(fileIn(runDir), divergedCodec.encode(diverged) as Json));

/** How the run in a folder diverged; undefined when it did not. */
export const readDiverged = async (runDir: string): Promise<Diverged | undefined> => {
  const read = await readJson(fileIn(runDir), divergedCodec)();
  return E.isRight(read) ? read.right : undefined;
};
