import { type UserError, userError } from "@twinview/config";
import * as E from "fp-ts/lib/Either.js";

const units: Readonly<Record<string, number>> = { "": 1, m: 1e6, g: 1e9, mb: 1e6, gb: 1e9, mib: 2 ** 20, gib: 2 ** 30 };

/** Bytes from text such as `8GB`, `6.5GiB` or `900MiB`. */
export const byteSize = (text: string, flag: string): E.Either<UserError, number> => {
  const [, digits = "", unit = ""] = /^([0-9]+(?:\.[0-9]+)?)\s*([a-zA-Z]*)$/.exec(text.trim()) ?? [];
  const bytes = Number(digits) * (units[unit.toLowerCase()] ?? Number.NaN);
  if (digits !== "" && bytes >= 1e8) return E.right(bytes);
  return E.left(
    userError("flags", "not an amount of memory", { where: flag, got: text, expected: "at least 100MB, such as 8GB, 6.5GiB or 900MiB" }),
  );
};
