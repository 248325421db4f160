import * as t from "io-ts/lib/index.js";
import type { Codec, Knowing } from "./codec.ts";

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

/** The codec of the texts for which `holds` is true; the name says which: "64 hexadecimal digits". */
export const textThat = (name: string, holds: (text: string) => boolean): Codec<string> =>
  scalar(name, (u): u is string => typeof u === "string" && holds(u));

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

/** A whole number in [min, max]. */
export const wholeBetween = (min: number, max: number): Codec<number> =>
  numberThat(`a whole number from ${min} to ${max}`, (x) => Number.isInteger(x) && x >= min && x <= max);

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
