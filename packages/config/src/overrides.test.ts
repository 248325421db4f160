import fc from "fast-check";
import * as E from "fp-ts/lib/Either.js";
import { expect, test } from "vitest";
import { closed } from "./closed.ts";
import { array, nullable } from "./containers.ts";
import { applyOverrides } from "./overrides.ts";
import { bool, fraction, positive, positiveInt, text } from "./scalars.ts";
import { renderUserError } from "./user-error.ts";

const optim = closed("an optimizer", { lr: positive, name: text }, { momentum: fraction });
const config = closed(
  "a configuration",
  { name: text, optim, sizes: array(positiveInt), freeze: bool, warm: nullable(positive) },
  { extra: optim },
);
const base = { name: "a", optim: { lr: 1, name: "adamw" }, sizes: [1, 2], freeze: false, warm: null };

const said = (...overrides: readonly string[]): string => {
  const result = applyOverrides(base, overrides, config);
  return E.isLeft(result) ? renderUserError(result.left) : JSON.stringify(result.right);
};
const applied = (...overrides: readonly string[]) => E.toUnion(applyOverrides(base, overrides, config));

test("the codec decides what a text means", () => {
  expect(applied("optim.lr=1e-3", "optim.name=12", "freeze=true", "warm=3", "name=true")).toEqual({
    ...base,
    optim: { lr: 1e-3, name: "12" },
    freeze: true,
    warm: 3,
    name: "true",
  });
  expect(applied("sizes=[3,4,5]", "sizes[1]=9", "sizes.0=8", "optim.momentum=0.5")).toEqual({
    ...base,
    sizes: [8, 9, 5],
    optim: { ...base.optim, momentum: 0.5 },
  });
  expect(applied('extra={"lr":1,"name":"x"}', "name=", "optim.name=a=b")).toEqual({
    ...base,
    extra: { lr: 1, name: "x" },
    name: "",
    optim: { lr: 1, name: "a=b" },
  });
  expect(base.optim.lr).toBe(1);
});

test.each([
  [
    "optim.momentun=0.9",
    'error: optim.momentun: unknown key; did you mean "momentum"? (one of lr, name, momentum)\n  where: --set optim.momentun=0.9',
  ],
  [
    "optmi.lr=1",
    'error: optmi: unknown key; did you mean "optim"? (one of name, optim, sizes, freeze, warm, extra)\n  where: --set optmi.lr=1',
  ],
  ["optim.lr=fast", 'error: optim.lr: wrong value\n  where: --set optim.lr=fast\n  got: "fast"\n  expected: a number above 0'],
  ["optim.lr=-1", "error: optim.lr: wrong value\n  where: --set optim.lr=-1\n  got: -1\n  expected: a number above 0"],
  ["sizes[2]=1", "error: sizes[2]: the list has the places 0 to 1\n  where: --set sizes[2]=1"],
  ["name.x=1", "error: name.x: name is a string and has no keys\n  where: --set name.x=1"],
  ["optim..lr=1", 'error: the path "optim..lr" has an empty part\n  where: --set optim..lr=1'],
  ["optim.lr", "error: an override needs a path and a value\n  where: --set optim.lr\n  expected: path=value, such as optim.lr=0.001"],
  ["__proto__.x=1", "error: __proto__.x: the key __proto__ is not allowed\n  where: --set __proto__.x=1"],
  [
    "constructor.prototype.x=1",
    "error: constructor.prototype.x: the key constructor is not allowed\n  where: --set constructor.prototype.x=1",
  ],
  ["optim.prototype=1", "error: optim.prototype: the key prototype is not allowed\n  where: --set optim.prototype=1"],
  ['optim={"__proto__":{"x":1}}', 'error: optim.__proto__: this key is not allowed\n  where: --set optim={"__proto__":{"x":1}}'],
])("%s", (override, message) => {
  expect(said(override)).toBe(message);
});

test("huge and deep overrides are refused in a short message", () => {
  for (const override of [
    `${"k".repeat(1e6)}=1`,
    `name=${"x".repeat(1e6)}`,
    `${"a.".repeat(10_000)}b=1`,
    `name=${"[".repeat(3_000)}`.replace("name", "sizes"),
  ]) {
    const message = said(override);
    expect(message).toMatch(/^error: /);
    expect(message.length).toBeLessThan(400);
  }
});

test("no override throws or reaches Object.prototype; an accepted one keeps the value valid", () => {
  const before = Object.getOwnPropertyNames(Object.prototype);
  const key = fc.constantFrom("name", "optim", "lr", "sizes", "0", "extra", "__proto__", "constructor", "prototype", "toString", "x", "");
  const override = fc
    .tuple(fc.array(key, { maxLength: 5 }), fc.oneof(fc.json(), fc.string()))
    .map(([keys, value]) => `${keys.join(".")}=${value}`);
  fc.assert(
    fc.property(fc.array(override, { maxLength: 3 }), (overrides) => {
      const result = applyOverrides(base, overrides, config);
      expect(E.isLeft(result) || config.is(result.right)).toBe(true);
    }),
    { numRuns: 1_000 },
  );
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
});
