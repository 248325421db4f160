import * as t from "io-ts/lib/index.js";

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
export const unknownKey: AnyCodec = new t.Type<unknown>(
  "no such key",
  (_u): _u is unknown => false,
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
export const seenBy = (context: t.Context, type: t.Decoder<unknown, unknown>): t.Context => {
  const last = context.at(-1);
  return last === undefined ? context : [...context.slice(0, -1), { ...last, type }];
};

/** The value of a key of the record itself, never of its prototype. */
export const own = (u: Readonly<Record<string, unknown>>, key: string): unknown => (Object.hasOwn(u, key) ? u[key] : undefined);
