import * as E from "fp-ts/lib/Either.js";

/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Keys that reach the prototype of an object when they are used without care; refused wherever keys are free. */
export const forbiddenKeys: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** Where and why a text is not JSON. */
export interface JsonFault {
  /** Characters from the start of the text. */
  readonly offset: number;
  readonly what: string;
}

/** The deepest nesting that is read: far more than a real file has, far less than a stack. */
export const maxDepth = 200;

const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const stringPattern = /"(?:[^"\\\u0000-\u001f]|\\.)*"/y; // escapes are checked by JSON.parse
const blankPattern = /[ \t\n\r]*/y;
const halfPair = /\p{Surrogate}/u;

const unescaped = (literal: string): string | undefined => {
  try {
    return JSON.parse(literal) as string;
  } catch {
    return undefined;
  }
};

/** What a reader makes of numbers and texts. */
export interface JsonOptions {
  /** The value of a number as it is written. Default: JavaScript's. */
  readonly number?: (literal: string) => number;
  /** Refuse what other readers cannot hold: half of a surrogate pair, a number beyond float64. Default false. */
  readonly portable?: boolean;
}

/** A cursor over a text; its methods read on and throw a {@link JsonFault}, which never leaves {@link parseJson}. */
const reader = (text: string, { number = Number, portable = false }: JsonOptions) => {
  let at = 0;
  const fail = (what: string, offset = at): never => {
    throw { offset, what } satisfies JsonFault;
  };
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const take = (token: string): boolean => {
    match(blankPattern);
    if (!text.startsWith(token, at)) return false;
    at += token.length;
    return true;
  };
  const seen = (): string =>
    at >= text.length ? "the end of the file" : JSON.stringify(String.fromCodePoint(text.codePointAt(at) as number));
  const string = (): string | undefined => {
    const start = at;
    if (text[at] !== '"') return undefined;
    const literal = match(stringPattern);
    if (literal === undefined) return fail("this text is not closed on its line", start);
    const value = unescaped(literal);
    if (value === undefined) return fail("this text has an escape that JSON does not know", start);
    return portable && halfPair.test(value) ? fail("this text has half of a surrogate pair", start) : value;
  };
  const list = (depth: number): readonly Json[] => {
    const items: Json[] = [];
    if (take("]")) return items;
    do items.push(value(depth + 1));
    while (take(","));
    return take("]") ? items : fail(`expected "," or "]", got ${seen()}`);
  };
  const member = (record: Record<string, Json>, depth: number): void => {
    match(blankPattern);
    const start = at;
    const key = string() ?? fail(`expected a key in double quotes, got ${seen()}`);
    if (Object.hasOwn(record, key)) fail(`the key ${JSON.stringify(key)} appears twice`, start);
    if (!take(":")) fail(`expected ":", got ${seen()}`);
    // defineProperty: a key "__proto__" becomes data, never the prototype
    Object.defineProperty(record, key, { value: value(depth + 1), enumerable: true, configurable: true, writable: true });
  };
  const object = (depth: number): { readonly [key: string]: Json } => {
    const record: Record<string, Json> = {};
    if (take("}")) return record;
    do member(record, depth);
    while (take(","));
    return take("}") ? record : fail(`expected "," or "}", got ${seen()}`);
  };
  const value = (depth: number): Json => {
    match(blankPattern);
    if (depth > maxDepth) fail(`nested deeper than ${maxDepth} levels`);
    if (take("{")) return object(depth);
    if (take("[")) return list(depth);
    const quoted = string();
    if (quoted !== undefined) return quoted;
    if (take("true")) return true;
    if (take("false")) return false;
    if (take("null")) return null;
    const digits = match(numberPattern);
    if (digits === undefined) return fail(`expected a value, got ${seen()}`);
    return portable && !Number.isFinite(Number(digits)) ? fail("this number is too large", at - digits.length) : number(digits);
  };
  const end = (): void => {
    match(blankPattern);
    if (at < text.length) fail(`expected the end of the file, got ${seen()}`);
  };
  return { value, end };
};

/** Reads JSON strictly: a key that appears twice and nesting beyond {@link maxDepth} are faults too, and faults have a place. */
export const parseJson = (text: string, options: JsonOptions = {}): E.Either<JsonFault, Json> => {
  try {
    const { value, end } = reader(text, options);
    const result = value(0);
    end();
    return E.right(result);
  } catch (fault) {
    return E.left(fault as JsonFault);
  }
};

/** Line and column of an offset, counted from 1. */
export const placeOf = (text: string, offset: number): { readonly line: number; readonly column: number } => {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return { line, column: offset - (before.lastIndexOf("\n") + 1) + 1 };
};
