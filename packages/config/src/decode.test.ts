import * as E from "fp-ts/lib/Either.js";
import { expect, test } from "vitest";
import { closed } from "./closed.ts";
import type { Codec, TypeOf } from "./codec.ts";
import { array, nullable, record, tagged } from "./containers.ts";
import { decode, encode, pathText } from "./decode.ts";
import { anyNumber, between, bool, choice, finite, fraction, natural, nonNegative, positive, positiveInt, text } from "./scalars.ts";
import { renderUserError } from "./user-error.ts";

const optim = closed("an optimizer", { lr: positive }, { momentum: fraction });
const shape = tagged("a shape", "kind", {
  circle: closed("a circle", { kind: choice(["circle"]), radius: positive }),
  box: closed("a box", { kind: choice(["box"]), sides: array(positive) }),
});
const config = closed(
  "a configuration",
  { name: text, optim },
  { layers: array(optim), norms: record(finite), other: nullable(optim), shape },
);

const base = { name: "a", optim: { lr: 1 } };
const said = (value: unknown, codec: Codec<unknown> = config as unknown as Codec<unknown>): string => {
  const result = decode(codec, value, "c.json");
  return E.isLeft(result) ? renderUserError(result.left) : "ok";
};

test("what belongs is accepted and comes back as it was", () => {
  const value = {
    ...base,
    layers: [{ lr: 2, momentum: 0.9 }],
    norms: { "encoder/patch/w": 0.17 },
    other: null,
    shape: { kind: "box" as const, sides: [1, 2] },
  };
  expect(decode(config, value, "c.json")).toEqual(E.right(value));
  expect(encode(config, value)).toEqual(value);
  expect(config.is(value)).toBe(true);
  expect(config.is({ ...value, more: 1 })).toBe(false);
});

test("a misspelt key is refused with its path and the nearest known one", () => {
  expect(said({ ...base, optim: { lr: 1, momentun: 0.9 } })).toBe(
    'error: optim.momentun: unknown key\n  where: c.json\n  expected: one of lr, momentum\n  fix: did you mean "momentum"?',
  );
  expect(said({ ...base, layers: [{ lr: 1 }, { lr: 1, momentun: 0.9 }] })).toContain("layers[1].momentun: unknown key");
  expect(said({ ...base, other: { lr: 1, zzz: 0.9 } })).toBe(
    "error: other.zzz: unknown key\n  where: c.json\n  expected: one of lr, momentum",
  );
});

test("wrong and missing values name what was got and expected", () => {
  expect(said({ ...base, optim: { lr: "1" } })).toBe(
    'error: optim.lr: wrong value\n  where: c.json\n  got: "1"\n  expected: a number above 0',
  );
  expect(said({ name: "a" })).toBe("error: optim: missing\n  where: c.json\n  expected: an optimizer");
  expect(said(3)).toBe("error: wrong value\n  where: c.json\n  got: 3\n  expected: a configuration");
  expect(said({ ...base, norms: { "encoder/patch/w": "x" } })).toContain('norms["encoder/patch/w"]: wrong value');
  expect(said({ ...base, layers: { 0: { lr: 1 } } })).toContain("layers: wrong value");
});

test("all mistakes are told at once", () => {
  expect(said({ nam: "a", optim: { lr: -1, beta: 2 } })).toBe(
    [
      "error: 4 problems",
      '  nam: unknown key, expected one of name, optim, layers, norms, other, shape; did you mean "name"?',
      "  name: missing, expected a text",
      "  optim.beta: unknown key, expected one of lr, momentum",
      "  optim.lr: wrong value, got -1, expected a number above 0",
      "  where: c.json",
    ].join("\n"),
  );
});

test("a tagged union reports the mistakes of its branch only", () => {
  expect(said({ ...base, shape: { kind: "box", side: [1] } })).toContain(
    'shape.side: unknown key, expected one of kind, sides; did you mean "sides"?',
  );
  expect(said({ ...base, shape: { kind: "boxx" } })).toBe(
    'error: shape.kind: wrong value\n  where: c.json\n  got: "boxx"\n  expected: one of circle, box\n  fix: did you mean "box"?',
  );
  expect(said({ ...base, shape: {} })).toBe("error: shape.kind: missing\n  where: c.json\n  expected: one of circle, box");
  expect(said({ ...base, shape: 1 })).toContain("expected: a shape");
});

test("keys that reach a prototype are refused anywhere, and nesting has a limit", () => {
  const hostile = JSON.parse('{"name":"a","optim":{"lr":1},"norms":{"__proto__":{"polluted":1}}}') as unknown;
  expect(said(hostile)).toBe("error: norms.__proto__: this key is not allowed\n  where: c.json");
  expect(said({ ...base, norms: { constructor: 1 } })).toContain("norms.constructor: this key is not allowed");
  expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  let deep: unknown = 1;
  for (let i = 0; i < 10_000; i++) deep = { deep };
  expect(said(deep)).toContain("nested deeper than 200 levels");
  const cycle: Record<string, unknown> = { ...base };
  cycle.norms = cycle;
  expect(said(cycle)).toContain("norms.name: wrong value");
});

test("required keys are never read from the prototype", () => {
  const inherits = closed("odd", { toString: text, valueOf: finite });
  expect(said({}, inherits as unknown as Codec<unknown>)).toContain("toString: missing");
  class Fancy {
    name = "a";
    optim = { lr: 1 };
  }
  expect(said(new Fancy())).toContain("expected: a configuration");
});

test.each([
  [positive, [1e-300, 1], [0, -1, Number.NaN, Number.POSITIVE_INFINITY, "1"]],
  [nonNegative, [0, 1], [-1e-9]],
  [fraction, [0, 0.5, 1], [-1e-9, 1.0001, Number.NaN]],
  [positiveInt, [1, 2 ** 53 - 1], [0, 1.5, 2 ** 53]],
  [natural, [0, 7], [-1, 0.5]],
  [between(2, 3), [2, 3], [1.9, 3.1]],
  [finite, [-1e308], [Number.NEGATIVE_INFINITY, null]],
])("$name takes what it says", (codec, good, bad) => {
  for (const value of good) expect(decode(codec, value, "x")).toEqual(E.right(value));
  for (const value of bad) expect(E.isLeft(decode(codec, value, "x"))).toBe(true);
});

test("numbers that JSON lacks survive as texts", () => {
  for (const x of [1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    const written = JSON.parse(JSON.stringify(encode(anyNumber, x))) as unknown;
    expect(decode(anyNumber, written, "x")).toEqual(E.right(x));
  }
  expect(E.isLeft(decode(anyNumber, null, "x"))).toBe(true);
});

test("paths read as code", () => {
  expect(pathText(["a", "b", "3", "encoder/w", "freeze-patch"])).toBe('a.b[3]["encoder/w"].freeze-patch');
  expect(pathText([])).toBe("");
});

test("types follow the codec", () => {
  const value: TypeOf<typeof config> = { name: "a", optim: { lr: 1 } };
  // @ts-expect-error a key the codec does not know
  const misspelt: TypeOf<typeof config> = { ...base, optim: { lr: 1, momentun: 1 } };
  // @ts-expect-error a missing key
  const missing: TypeOf<typeof config> = { name: "a" };
  expect([value, misspelt, missing].map((v) => config.is(v))).toEqual([true, false, false]);
  expect(said(true, bool as unknown as Codec<unknown>)).toBe("ok");
});
