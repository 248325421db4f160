import * as t from "io-ts/lib/index.js";
import { type AnyCodec, type Codec, type Fields, isRecord, own, seenBy, unknownKey } from "./codec.ts";
import { forbiddenKeys } from "./json.ts";
import { choice } from "./scalars.ts";

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
