import { access } from "node:fs/promises";
import { readJson, type UserError, userError } from "@twinview/config";
import { runPaths, type Summary, summaryCodec } from "@twinview/report";
import * as E from "fp-ts/lib/Either.js";
import type { TaskEither } from "fp-ts/lib/TaskEither.js";

/** The summary of a run that came to its end; an error where it has not, or where summary.json is damaged. */
export const finishedRun =
  (runDir: string): TaskEither<UserError, Summary> =>
  async () => {
    const { summary } = runPaths(runDir);
    const exists = await access(summary).then(
      () => true,
      () => false,
    );
    if (exists) return readJson(summary, summaryCodec)();
    return E.left(
      userError("config", "no finished run in this folder", {
        where: runDir,
        expected: "a folder with summary.json, as twinview train leaves at its end",
        fix: `check the path, or finish the run first: twinview resume ${runDir}`,
      }),
    );
  };

/** The summary of a run that came to its end; undefined where there is none to rely on, and the run has to go on. */
export const readFinished = async (runDir: string): Promise<Summary | undefined> => {
  const read = await finishedRun(runDir)();
  return E.isRight(read) ? read.right : undefined;
};
