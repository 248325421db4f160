import { readFile } from "node:fs/promises";
import { decodeJson, failure, type Json, json, orThrow, userError } from "@twinview/config";
import { runPaths } from "@twinview/report";

const isRecord = (value: Json): value is { readonly [name: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The values of a configuration that differ between two runs of the same folder, as `path: before -> now`. */
export const changedFields = (before: Json, now: Json, path = ""): readonly string[] => {
  if (isRecord(before) && isRecord(now)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
    return names.flatMap((name) => changedFields(before[name] ?? null, now[name] ?? null, path === "" ? name : `${path}.${name}`));
  }
  return JSON.stringify(before) === JSON.stringify(now) ? [] : [`${path}: ${JSON.stringify(before)} -> ${JSON.stringify(now)}`];
};

/** The configuration in a run's folder; undefined when there is none. Throws a user error where it is not JSON. */
export const storedConfig = async (runDir: string): Promise<Json | undefined> => {
  const path = runPaths(runDir).config;
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  return orThrow(decodeJson(json, text, path));
};

/**
 * Refuses, by a user error, to go on in a folder whose run was set up differently; `fix` is what the user can do about it. Fields that
 * are `harmless`, because the run stays the same to rounding, may change: these changes are given back.
 */
export const checkSameRun = async (
  runDir: string,
  now: Json,
  fix: string,
  harmless: readonly string[] = [],
): Promise<readonly string[]> => {
  const before = await storedConfig(runDir);
  const all = before === undefined ? [] : changedFields(before, now);
  const changed = all.filter((text) => !harmless.some((name) => text.startsWith(`${name}: `)));
  if (changed.length === 0) return all;
  throw failure(userError("config", "this folder holds a run with another configuration", { where: runDir, got: changed.join("; "), fix }));
};
