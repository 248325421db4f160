import * as t from "io-ts/lib/index.js";
import { type Codec, isRecord } from "./codec.ts";
import type { Json } from "./json.ts";

const isJson = (u: unknown): u is Json => {
  const open: unknown[] = [u];
  while (open.length > 0) {
    const value = open.pop();
    if (value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)) continue;
    if (Array.isArray(value)) open.push(...value);
    else if (isRecord(value)) open.push(...Object.values(value));
    else return false;
  }
  return true;
};

/** The codec of any JSON value: no NaN, no undefined, no class instances. Give it trees only: a cycle has no end. */
export const json: Codec<Json> = new t.Type<Json, unknown, unknown>(
  "a JSON value",
  isJson,
  (u, c) => (isJson(u) ? t.success(u) : t.failure(u, c)),
  t.identity,
);
