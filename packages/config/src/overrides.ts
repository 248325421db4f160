import * as E from "fp-ts/lib/Either.js";
import type { AnyCodec, Codec } from "./codec.ts";
import { decode, encode, pathText, problemsIn } from "./decode.ts";
import { forbiddenKeys, type Json, parseJson } from "./json.ts";
import { type UserError, userError } from "./user-error.ts";

const maxKeys = 32;
const maxLength = 4_000;

interface Override {
  readonly keys: readonly string[];
  /** What the text may stand for, most specific first: the JSON value, else the text itself. */
  readonly readings: readonly Json[];
}

const label = (override: string): string => `--set ${override.length > 60 ? `${override.slice(0, 57)}...` : override}`;

const refuse = (override: string, what: string, details: Omit<UserError, "kind" | "what"> = {}): E.Either<UserError, never> =>
  E.left(userError("config", what, { where: label(override), ...details }));

const readOverride = (override: string): E.Either<UserError, Override> => {
  const equals = override.indexOf("=");
  if (equals <= 0) return refuse(override, "an override needs a path and a value", { expected: "path=value, such as optim.lr=0.001" });
  if (override.length > maxLength) return refuse(override, `an override may have at most ${maxLength} characters`);
  const path = override.slice(0, equals);
  const keys = path.replace(/\[(\d+)\]/g, ".$1").split(".");
  if (keys.includes("")) return refuse(override, `the path ${JSON.stringify(path)} has an empty part`);
  if (keys.length > maxKeys) return refuse(override, `a path may have at most ${maxKeys} parts`);
  const bad = keys.find((key) => forbiddenKeys.has(key));
  if (bad !== undefined) return refuse(override, `${pathText(keys)}: the key ${bad} is not allowed`);
  const text = override.slice(equals + 1);
  const json = parseJson(text);
  return E.right({ keys, readings: E.isRight(json) ? [json.right, text] : [text] });
};

const kindOf = (value: Json): string => (value === null ? "null" : Array.isArray(value) ? "a list" : `a ${typeof value}`);

/** A copy of the tree with one value replaced; a record that is missing on the way is made, a list never grows. */
const put = (tree: Json, keys: readonly string[], value: Json, done: readonly string[] = []): E.Either<string, Json> => {
  const [key, ...rest] = keys;
  if (key === undefined) return E.right(value);
  const path = pathText([...done, key]);
  if (Array.isArray(tree)) {
    const index = /^\d+$/.test(key) ? Number(key) : Number.NaN;
    if (!(index < tree.length)) return E.left(`${path}: the list has the places 0 to ${tree.length - 1}`);
    return E.map((inner: Json) => tree.map((item, i) => (i === index ? inner : item)))(
      put(tree[index] as Json, rest, value, [...done, key]),
    );
  }
  if (typeof tree !== "object" || tree === null) return E.left(`${path}: ${pathText(done)} is ${kindOf(tree)} and has no keys`);
  const record = tree as { readonly [key: string]: Json };
  const inner = put(Object.hasOwn(record, key) ? (record[key] as Json) : {}, rest, value, [...done, key]);
  return E.map((v: Json) => ({ ...record, [key]: v }))(inner);
};

/** Fails early where a key on the way is misspelt, so that the message is about that key and not about what would be missing in it. */
const strangerOnTheWay = (tree: Json, keys: readonly string[], codec: AnyCodec): string | undefined => {
  const probe = put(tree, keys, null);
  if (E.isLeft(probe)) return undefined;
  const found = problemsIn(codec, probe.right).find(({ what }) => what === "unknown key");
  return found === undefined
    ? undefined
    : `${found.path}: unknown key${found.fix === undefined ? "" : `; ${found.fix}`} (${found.expected})`;
};

const applyOne = <A>(base: Json, override: string, codec: Codec<A>): E.Either<UserError, Json> => {
  const read = readOverride(override);
  if (E.isLeft(read)) return read;
  const { keys, readings } = read.right;
  let first: E.Either<UserError, Json> | undefined;
  for (const reading of readings) {
    const tree = put(base, keys, reading);
    if (E.isLeft(tree)) return refuse(override, tree.left);
    const decoded = decode(codec, tree.right, label(override));
    if (E.isRight(decoded)) return E.right(encode(codec, decoded.right));
    first ??= decoded;
  }
  const stranger = strangerOnTheWay(base, keys, codec);
  return stranger === undefined ? (first as E.Either<UserError, Json>) : refuse(override, stranger);
};

/**
 * Applies `--set path=value` overrides to a valid value, in order. The codec decides how a value is read: `lr=1` is the number
 * 1 where a number belongs and the text "1" where a text does; lists and records are written as JSON, list items as `sizes[0]`.
 */
export const applyOverrides = <A>(base: A, overrides: readonly string[], codec: Codec<A>): E.Either<UserError, A> => {
  let tree: Json = encode(codec, base);
  for (const override of overrides) {
    const next = applyOne(tree, override, codec);
    if (E.isLeft(next)) return next;
    tree = next.right;
  }
  return decode(codec, tree, "the base configuration");
};
