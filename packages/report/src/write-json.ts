import { open, rename, rm } from "node:fs/promises";
import { fileError, type Json, type UserError } from "@twinview/config";
import * as TE from "fp-ts/lib/TaskEither.js";

/**
 * JSON text in which the numbers that JSON does not know are the texts "NaN", "Infinity" and "-Infinity", as `anyNumber` of the
 * configuration reads them; plain `JSON.stringify` would turn all three into null.
 */
export const jsonText = (value: unknown, indent?: number): string =>
  JSON.stringify(value, (_key, v: unknown) => (typeof v === "number" && !Number.isFinite(v) ? String(v) : v), indent);

const write = async (path: string, content: readonly (string | Uint8Array)[]): Promise<void> => {
  const partial = `${path}.partial`;
  try {
    const file = await open(partial, "w");
    try {
      for (const piece of content) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined); // the first failure is the one to tell
    throw error;
  }
};

/** Writes a file in pieces so that it is whole or as it was before: to a temporary name, flushed to the medium, then renamed. */
export const writeBytes = (path: string, pieces: readonly (string | Uint8Array)[]): TE.TaskEither<UserError, void> =>
  TE.tryCatch(
    () => write(path, pieces),
    (error) => fileError(error, path, "write"),
  );

/** Writes a text file, whole or not at all, see {@link writeBytes}. */
export const writeText = (path: string, content: string): TE.TaskEither<UserError, void> => writeBytes(path, [content]);

/** Writes a JSON file, whole or not at all, see {@link writeText}; non-finite numbers as {@link jsonText} has them. */
export const writeJson = (path: string, json: Json): TE.TaskEither<UserError, void> => writeText(path, `${jsonText(json, 2)}\n`);
