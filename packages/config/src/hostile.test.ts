import fc from "fast-check";
import * as E from "fp-ts/lib/Either.js";
import { expect, test } from "vitest";
import { closed } from "./closed.ts";
import type { TypeOf } from "./codec.ts";
import { array, nullable, record, tagged } from "./containers.ts";
import { decode, encode } from "./decode.ts";
import type { Json } from "./json.ts";
import { json } from "./json-codec.ts";
import { anyNumber, bool, choice, finite, fraction, positiveInt, text } from "./scalars.ts";
import { renderUserError } from "./user-error.ts";

const layer = tagged("a layer", "kind", {
  linear: closed("linear", { kind: choice(["linear"]), out: positiveInt }, { bias: bool }),
  drop: closed("drop", { kind: choice(["drop"]), rate: fraction }),
});
const config = closed(
  "a configuration",
  { name: text, layers: array(layer), measured: anyNumber },
  { norms: record(finite), free: json, last: nullable(layer) },
);
type Config = TypeOf<typeof config>;

// JSON writes -0 as 0
const number = (constraints: fc.DoubleConstraints) => fc.double(constraints).map((x) => x + 0);
const arbitraryLayer = fc.oneof(
  fc.record(
    { kind: fc.constant("linear" as const), out: fc.integer({ min: 1, max: 999 }), bias: fc.boolean() },
    { requiredKeys: ["kind", "out"] },
  ),
  fc.record({ kind: fc.constant("drop" as const), rate: number({ min: 0, max: 1, noNaN: true }) }),
);
const safeKey = fc.string({ minLength: 1 }).filter((key) => !["__proto__", "constructor", "prototype"].includes(key));
const arbitraryConfig = fc.record(
  {
    name: fc.string(),
    layers: fc.array(arbitraryLayer, { maxLength: 4 }),
    measured: number({}),
    norms: fc.dictionary(safeKey, number({ noNaN: true, noDefaultInfinity: true }), { noNullPrototype: true }),
    last: fc.option(arbitraryLayer),
  },
  { requiredKeys: ["name", "layers", "measured"], noNullPrototype: true },
) as fc.Arbitrary<Config>;

test("what is written is read back, through text", () => {
  fc.assert(
    fc.property(arbitraryConfig, (value) => {
      const written = JSON.parse(JSON.stringify(encode(config, value))) as unknown;
      expect(decode(config, written, "x")).toEqual(E.right(value));
    }),
    { numRuns: 300 },
  );
});

/** Replaces, removes, renames or adds something at a random place of a JSON tree. */
const mutate = (tree: Json, steps: readonly number[], value: Json): Json => {
  const [step = 0, ...rest] = steps;
  if (Array.isArray(tree) && tree.length > 0 && rest.length > 0) {
    const at = step % tree.length;
    return tree.map((item: Json, i) => (i === at ? mutate(item, rest, value) : item));
  }
  if (typeof tree === "object" && tree !== null && !Array.isArray(tree) && rest.length > 0) {
    const entries = Object.entries(tree);
    const at = step % (entries.length + 1);
    const [key, inner] = entries[at] ?? [["__proto__", "constructor", "nam", "extra"][step % 4] as string, value];
    const changed: Record<string, Json> = Object.fromEntries(entries.filter((_, i) => i !== at || step % 5 !== 0));
    Object.defineProperty(changed, step % 7 === 0 ? `${key}x` : key, {
      value: mutate(inner, rest, value),
      enumerable: true,
      configurable: true,
    });
    return changed;
  }
  return value;
};

test("decode never throws: mutated configurations and any JSON give a value or a user error, and prototypes stay clean", () => {
  const before = Object.getOwnPropertyNames(Object.prototype);
  const mutated = fc
    .tuple(arbitraryConfig, fc.array(fc.nat(100), { minLength: 1, maxLength: 4 }), fc.jsonValue())
    .map(([value, steps, other]) => mutate(encode(config, value), steps, other as Json));
  fc.assert(
    fc.property(fc.oneof(mutated, fc.jsonValue(), fc.anything({ withNullPrototype: true, withTypedArray: true })), (value) => {
      const result = decode(config, value, "x");
      if (E.isLeft(result)) expect(renderUserError(result.left).length).toBeLessThan(4_000);
      else expect(config.is(result.right)).toBe(true);
    }),
    { numRuns: 3_000 },
  );
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
  expect(Object.getOwnPropertyNames(Array.prototype)).not.toContain("polluted");
});
