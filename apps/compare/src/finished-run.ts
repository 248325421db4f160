import { readFile } from "node:fs/promises";
import { type Json, readJson, type UserError, userError } from "@twinview/config";
import { runPaths, type Summary, summaryCodec } from "@twinview/report";
import * as E from "fp-ts/lib/Either.js";
import type { TaskEither } from "fp-ts/lib/TaskEither.js";

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

/** Nothing when there is no configuration yet or it is the wanted one; an error when a folder holds another run. */
export const storedConfig =
  (path: string, wanted: Json): TaskEither<UserError, null> =>
  async () => {
    const text = await readFile(path, "utf8").catch(() => undefined);
    if (text === undefined || JSON.stringify(JSON.parse(text)) === JSON.stringify(wanted)) return E.right(null);
    const fix = "use the options of the first time to go on, or another folder with --out";
    return E.left(userError("config", "this folder holds a run with another configuration", { where: path, fix }));
  };
