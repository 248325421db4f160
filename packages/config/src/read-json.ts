import { readFile } from "node:fs/promises";
import * as E from "fp-ts/lib/Either.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { Codec } from "./codec.ts";
import { decode } from "./decode.ts";
import { parseJson, placeOf } from "./json.ts";
import { type UserError, userError } from "./user-error.ts";

const causes: Readonly<Record<string, { readonly what: string; readonly fix?: string }>> = {
  ENOENT: { what: "there is no such file or folder", fix: "check the path" },
  EACCES: { what: "permission denied", fix: "check the owner and the permissions" },
  EPERM: { what: "operation not permitted", fix: "check the owner and the permissions" },
  EISDIR: { what: "this is a folder, a file was expected" },
  ENOTDIR: { what: "a part of this path is a file, a folder was expected" },
  ENOSPC: { what: "the disk is full", fix: "free some space or choose another folder" },
  EDQUOT: { what: "the disk quota is used up", fix: "free some space or choose another folder" },
  EROFS: { what: "the file system is read-only", fix: "choose another folder" },
  EFBIG: { what: "the file is larger than this process may write", fix: "raise the file size limit (ulimit -f)" },
  EMFILE: { what: "too many open files", fix: "raise the limit of open files (ulimit -n)" },
  EEXIST: { what: "it exists already" },
};

/** A failed file operation as a user error: `cannot read: there is no such file or folder`, with the path and the cause. */
export const fileError = (error: unknown, path: string, action: string): UserError => {
  const code = (error as { readonly code?: unknown } | null)?.code;
  const cause = typeof code === "string" && Object.hasOwn(causes, code) ? causes[code] : undefined;
  const detail = cause?.what ?? (error instanceof Error ? error.message : String(error));
  return userError("file", `cannot ${action}: ${detail}`, { where: path, ...(cause?.fix === undefined ? {} : { fix: cause.fix }) });
};

/** JSON text to a value of the codec; a fault of the text is reported as `path:line:column`. */
export const decodeJson = <A>(codec: Codec<A>, text: string, where: string): E.Either<UserError, A> => {
  const json = parseJson(text.startsWith("\ufeff") ? text.slice(1) : text);
  if (E.isRight(json)) return decode(codec, json.right, where);
  const { line, column } = placeOf(text, json.left.offset);
  return E.left(userError("config", `not valid JSON: ${json.left.what}`, { where: `${where}:${line}:${column}` }));
};

/** Reads a JSON file by a codec. */
export const readJson =
  <A>(path: string, codec: Codec<A>): TE.TaskEither<UserError, A> =>
  async () => {
    const read = await TE.tryCatch(
      () => readFile(path, "utf8"),
      (error) => fileError(error, path, "read"),
    )();
    return E.isLeft(read) ? read : decodeJson(codec, read.right, path);
  };
