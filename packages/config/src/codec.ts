import * as t from "io-ts/lib/index.js";
import { forbiddenKeys } from "./json.ts";

/** How values of a type are read from JSON and written to it: the type, its check and its name in one value. */
export type Codec<A> = t.Type<A, unknown, unknown>;

/** Any codec, for the constraint of a type parameter. */
export type AnyCodec = t.Mixed;

/** The static type of a codec. */
export type TypeOf<C extends AnyCodec> = t.TypeOf<C>;

/** A table of codecs by key. */
export type Fields = Readonly<Record<string, AnyCodec>>;

/** A codec that can name what it would have accepted, for the message of an error. */
export interface Knowing {
  readonly known: readonly string[];
}

/** The codec of a key that must not be there. */
export const unknownKey: t.Type<never> = new t.Type<never>(
  "no such key",
  (_u): _u is never => false,
  (u, c) => t.failure(u, c),
  t.identity,
);

/** Whether a value is an object with keys: not null, not an array, not a typed array, map or date. */
export const isRecord = (u: unknown): u is Readonly<Record<string, unknown>> =>
  typeof u === "object" &&
  u !== null &&
  !Array.isArray(u) &&
  (Object.getPrototypeOf(u) === Object.prototype || Object.getPrototypeOf(u) === null);

/** The same place, seen by another codec: keeps a wrapper out of the path and its name out of the message. */
const seenBy = (context: t.Context, type: t.Decoder<unknown, unknown>): t.Context => {
  const last = context.at(-1);
  return last === undefined ? context : [...context.slice(0, -1), { ...last, type }];
};

type Simplify<T> = { readonly [K in keyof T]: T[K] };

/** The type of `closed(name, required, optional)`. */
export type ClosedOf<R extends Fields, O extends Fields> = Simplify<
  { readonly [K in keyof R]: t.TypeOf<R[K]> } & { readonly [K in keyof O]?: t.TypeOf<O[K]> }
>;

const own = (u: Readonly<Record<string, unknown>>, key: string): unknown => (Object.hasOwn(u, key) ? u[key] : undefined);

/**
 * The codec of a record that has the required keys, may have the optional ones, and has no other: a misspelt key is an error
 * that names its path and the nearest known key, not a silently ignored option.
 */
export const closed = <R extends Fields, O extends Fields = Record<never, never>>(
  name: string,
  required: R,
  optional?: O,
): Codec<ClosedOf<R, O>> & Knowing => {
  const fields: Readonly<Record<string, AnyCodec>> = { ...optional, ...required };
  const known = [...Object.keys(required), ...Object.keys(optional ?? {})];
  const needed = new Set(Object.keys(required));
  const wanted = (u: Readonly<Record<string, unknown>>): readonly string[] =>
    known.filter((key) => needed.has(key) || own(u, key) !== undefined);
  const strangers = (u: object): readonly string[] => Object.keys(u).filter((key) => !known.includes(key));
  const is = (u: unknown): u is ClosedOf<R, O> =>
    isRecord(u) && strangers(u).length === 0 && wanted(u).every((key) => (fields[key] as AnyCodec).is(own(u, key)));
  const validate = (u: unknown, context: t.Context): t.Validation<ClosedOf<R, O>> => {
    if (!isRecord(u)) return t.failure(u, context);
    const errors: t.Errors = strangers(u).map((key) => ({ value: u[key], context: t.appendContext(context, key, unknownKey, u[key]) }));
    const result: Record<string, unknown> = {};
    for (const key of wanted(u)) {
      const codec = fields[key] as AnyCodec;
      const value = own(u, key);
      const checked = codec.validate(value, t.appendContext(context, key, codec, value));
      if (checked._tag === "Left") errors.push(...checked.left);
      else result[key] = checked.right;
    }
    return errors.length > 0 ? t.failures(errors) : t.success(result as ClosedOf<R, O>);
  };
  const encode = (value: ClosedOf<R, O>): unknown => {
    const record = value as Readonly<Record<string, unknown>>;
    return Object.fromEntries(wanted(record).map((key) => [key, (fields[key] as AnyCodec).encode(record[key])]));
  };
  return Object.assign(new t.Type<ClosedOf<R, O>, unknown, unknown>(name, is, validate, encode), { known });
};

/** The codec of a list. */
export const array = <C extends AnyCodec>(item: C): Codec<readonly t.TypeOf<C>[]> => t.readonlyArray(item, `list of ${item.name}`);

/** The codec of a record with free keys, all values of one type. Keys that reach the prototype (`__proto__` ...) are refused. */
export const record = <C extends AnyCodec>(item: C): Codec<Readonly<Record<string, t.TypeOf<C>>>> => {
  type A = Readonly<Record<string, t.TypeOf<C>>>;
  const is = (u: unknown): u is A => isRecord(u) && Object.keys(u).every((key) => !forbiddenKeys.has(key) && item.is(u[key]));
  const validate = (u: unknown, context: t.Context): t.Validation<A> => {
    if (!isRecord(u)) return t.failure(u, context);
    const result: Record<string, t.TypeOf<C>> = {};
    const errors: t.Errors = [];
    for (const key of Object.keys(u)) {
      const codec: AnyCodec = forbiddenKeys.has(key) ? unknownKey : item;
      const checked = codec.validate(u[key], t.appendContext(context, key, codec, u[key]));
      if (checked._tag === "Left") errors.push(...checked.left);
      else result[key] = checked.right;
    }
    return errors.length > 0 ? t.failures(errors) : t.success(result);
  };
  const encode = (value: A): unknown => Object.fromEntries(Object.keys(value).map((key) => [key, item.encode(value[key])]));
  return new t.Type<A, unknown, unknown>(`record of ${item.name}`, is, validate, encode);
};

/** The codec of a value that may be null. */
export const nullable = <C extends AnyCodec>(item: C): Codec<t.TypeOf<C> | null> =>
  new t.Type<t.TypeOf<C> | null, unknown, unknown>(
    `${item.name} or null`,
    (u): u is t.TypeOf<C> | null => u === null || item.is(u),
    (u, c) => (u === null ? t.success(null) : item.validate(u, u === undefined ? c : seenBy(c, item))),
    (a) => (a === null ? null : item.encode(a)),
  );

/** The codec of a tagged union: the value of `tag` picks the branch, so that errors are those of one branch only. */
export const tagged = <B extends Fields>(name: string, tag: string, branches: B): Codec<t.TypeOf<B[keyof B]>> => {
  type A = t.TypeOf<B[keyof B]>;
  const known = Object.keys(branches);
  const branchOf = (u: unknown): AnyCodec | undefined => {
    const value = isRecord(u) ? own(u, tag) : undefined;
    return typeof value === "string" && Object.hasOwn(branches, value) ? branches[value] : undefined;
  };
  const validate = (u: unknown, context: t.Context): t.Validation<A> => {
    const branch = branchOf(u);
    if (branch !== undefined) return branch.validate(u, seenBy(context, branch));
    if (!isRecord(u)) return t.failure(u, context);
    return t.failure(own(u, tag), t.appendContext(context, tag, choice(known), own(u, tag)));
  };
  return new t.Type<A, unknown, unknown>(
    name,
    (u): u is A => branchOf(u)?.is(u) === true,
    validate,
    (a) => (branchOf(a) as AnyCodec).encode(a),
  );
};

/** The codec of one of a few texts. */
export const choice = <const V extends readonly string[]>(known: V): Codec<V[number]> & Knowing => {
  const is = (u: unknown): u is V[number] => typeof u === "string" && known.includes(u);
  return Object.assign(
    new t.Type<V[number], unknown, unknown>(
      known.length === 1 ? `"${known[0]}"` : `one of ${known.join(", ")}`,
      is,
      (u, c) => (is(u) ? t.success(u) : t.failure(u, c)),
      t.identity,
    ),
    { known },
  );
};

const scalar = <A>(name: string, is: (u: unknown) => u is A): Codec<A> =>
  new t.Type<A, unknown, unknown>(name, is, (u, c) => (is(u) ? t.success(u) : t.failure(u, c)), t.identity);

/** The codec of a text. */
export const text: Codec<string> = scalar("a text", (u): u is string => typeof u === "string");

/** The codec of true or false. */
export const bool: Codec<boolean> = scalar("true or false", (u): u is boolean => typeof u === "boolean");

/** The codec of the finite numbers for which `holds` is true; the name says which: "a whole number above 0". */
export const numberThat = (name: string, holds: (x: number) => boolean): Codec<number> =>
  scalar(name, (u): u is number => typeof u === "number" && Number.isFinite(u) && holds(u));

/** Any finite number. */
export const finite: Codec<number> = numberThat("a number", () => true);

/** A finite number above 0. */
export const positive: Codec<number> = numberThat("a number above 0", (x) => x > 0);

/** A finite number of at least 0. */
export const nonNegative: Codec<number> = numberThat("a number of at least 0", (x) => x >= 0);

/** A number in [0, 1]. */
export const fraction: Codec<number> = numberThat("a number from 0 to 1", (x) => x >= 0 && x <= 1);

/** A whole number above 0, exact in a float64. */
export const positiveInt: Codec<number> = numberThat("a whole number above 0", (x) => Number.isSafeInteger(x) && x > 0);

/** A whole number of at least 0, exact in a float64. */
export const natural: Codec<number> = numberThat("a whole number of at least 0", (x) => Number.isSafeInteger(x) && x >= 0);

/** A number in [min, max]. */
export const between = (min: number, max: number): Codec<number> =>
  numberThat(`a number from ${min} to ${max}`, (x) => x >= min && x <= max);

const spoken: ReadonlyMap<unknown, number> = new Map<unknown, number>([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

/** Any number at all; those that JSON cannot hold are written as the texts "NaN", "Infinity" and "-Infinity". */
export const anyNumber: Codec<number> = new t.Type<number, unknown, unknown>(
  'a number, "NaN", "Infinity" or "-Infinity"',
  (u): u is number => typeof u === "number",
  (u, c) => {
    const value = typeof u === "number" ? u : spoken.get(u);
    return value === undefined ? t.failure(u, c) : t.success(value);
  },
  (x) => (Number.isFinite(x) ? x : String(x)),
);
