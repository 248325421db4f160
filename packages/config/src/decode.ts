import * as E from "fp-ts/lib/Either.js";
import type * as t from "io-ts/lib/index.js";
import { type AnyCodec, type Codec, isRecord, type Knowing, unknownKey } from "./codec.ts";
import { forbiddenKeys, type Json, maxDepth } from "./json.ts";
import { suggestion } from "./nearest.ts";
import { type Problem, problemsError } from "./problems.ts";
import { brief, type UserError } from "./user-error.ts";

/** A path as it would be written in code: `optim.lr`, `layers[3]`, `norms["encoder/patch/w"]`. */
export const pathText = (keys: readonly string[]): string =>
  keys.reduce((path, key) => {
    if (/^\d+$/.test(key)) return `${path}[${key}]`;
    const shown = key.length > 60 ? `${key.slice(0, 57)}...` : key;
    if (!/^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(shown)) return `${path}[${JSON.stringify(shown)}]`;
    return path === "" ? shown : `${path}.${shown}`;
  }, "");

const knownOf = (codec: unknown): readonly string[] | undefined => (codec as Partial<Knowing> | undefined)?.known;

const problemOf = ({ context, value, message }: t.ValidationError): Problem => {
  const last = context.at(-1);
  const key = last?.key ?? "";
  const path = pathText(context.slice(1).map((entry) => entry.key));
  if (last?.type === unknownKey) {
    const known = knownOf(context.at(-2)?.type);
    if (known === undefined) return { path, what: "this key is not allowed" };
    const fix = suggestion(key, known);
    return { path, what: "unknown key", expected: `one of ${known.join(", ")}`, ...(fix === undefined ? {} : { fix }) };
  }
  const expected = message ?? last?.type.name ?? "another value";
  const parent = context.at(-2)?.actual;
  if (value === undefined && isRecord(parent) && !Object.hasOwn(parent, key)) return { path, what: "missing", expected };
  const known = knownOf(last?.type);
  const fix = known !== undefined && typeof value === "string" ? suggestion(value, known) : undefined;
  return { path, what: "wrong value", got: brief(value), expected, ...(fix === undefined ? {} : { fix }) };
};

/** The first place that no codec should see: a key that reaches a prototype, or nesting too deep for a recursive check. */
const unsafe = (root: unknown): Problem | undefined => {
  const seen = new Set<unknown>();
  const open: { readonly value: unknown; readonly keys: readonly string[] }[] = [{ value: root, keys: [] }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, keys } = next;
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    if (keys.length > maxDepth) return { path: pathText(keys.slice(0, 6)), what: `nested deeper than ${maxDepth} levels` };
    if (ArrayBuffer.isView(value)) continue;
    for (const key of Object.keys(value)) {
      const inner = [...keys, key];
      if (forbiddenKeys.has(key)) return { path: pathText(inner), what: "this key is not allowed" };
      open.push({ value: (value as Readonly<Record<string, unknown>>)[key], keys: inner });
    }
  }
  return undefined;
};

/** All mistakes of a value against a codec; empty when it decodes. */
export const problemsIn = (codec: AnyCodec, value: unknown): readonly Problem[] => {
  const danger = unsafe(value);
  if (danger !== undefined) return [danger];
  const result = codec.decode(value);
  return E.isLeft(result) ? result.left.map(problemOf) : [];
};

/**
 * Reads an unknown value by a codec, with every mistake reported at once.
 *
 * @param where the file or flag the value came from, for the message
 */
export const decode = <A>(codec: Codec<A>, value: unknown, where: string): E.Either<UserError, A> => {
  const danger = unsafe(value);
  if (danger !== undefined) return E.left(problemsError("config", where, [danger]));
  const result = codec.decode(value);
  return E.isLeft(result) ? E.left(problemsError("config", where, result.left.map(problemOf))) : E.right(result.right);
};

/** Writes a value as JSON data by its codec; `decode(codec, encode(codec, a))` is `a` again. */
export const encode = <A>(codec: Codec<A>, value: A): Json => codec.encode(value) as Json;
