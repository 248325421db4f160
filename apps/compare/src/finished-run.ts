import { readFile } from "node:fs/promises";
import { readJson } from "@twinview/config";
import { runPaths, type Summary, summaryCodec } from "@twinview/report";
import * as E from "fp-ts/lib/Either.js";

const exists = (path: string): Promise<boolean> =>
  readFile(path).then(
    () => true,
    () => false,
  );

/** The summary of a run that came to its end; undefined when it has not. */
export const readFinished = async (runDir: string): Promise<Summary | undefined> => {
  const { summary } = runPaths(runDir);
  if (!(await exists(summary))) return undefined;
  const read = await readJson(summary, summaryCodec)();
  return E.isRight(read) ? read.right : undefined;
};
