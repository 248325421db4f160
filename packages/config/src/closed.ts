import * as t from "io-ts/lib/index.js";
import { type AnyCodec, type Codec, type Fields, isRecord, type Knowing, own, unknownKey } from "./codec.ts";

type Simplify<T> = { readonly [K in keyof T]: T[K] };

/** The type of `closed(name, required, optional)`. */
export type ClosedOf<R extends Fields, O extends Fields> = Simplify<
  { readonly [K in keyof R]: t.TypeOf<R[K]> } & { readonly [K in keyof O]?: t.TypeOf<O[K]> }
>;

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
