import fc from "fast-check";
import { expect, test } from "vitest";
import { nearest, suggestion } from "./nearest.ts";

const known = ["lr", "momentum", "batchSize", "epochs", "freezePatch"];

test.each([
  ["momentun", "momentum"],
  ["momnetum", "momentum"],
  ["BATCHSIZE", "batchSize"],
  ["epoch", "epochs"],
  ["freeze", "freezePatch"],
  ["lrr", "lr"],
  ["x", undefined],
  ["wd", undefined],
  ["temperature", undefined],
  ["", undefined],
  ["momentum".repeat(20), undefined],
])("%s means %s", (word, meant) => {
  expect(nearest(word, known)).toBe(meant);
});

test("a suggestion is a question", () => {
  expect(suggestion("momentun", known)).toBe('did you mean "momentum"?');
  expect(suggestion("zzz", known)).toBeUndefined();
});

test("one dropped, doubled or swapped letter of a word of four or more is always understood", () => {
  const word = fc.stringMatching(/^[a-z]{4,12}$/);
  fc.assert(
    fc.property(word, fc.nat(), fc.constantFrom("drop", "double", "swap"), (name, where, how) => {
      const i = where % (name.length - 1);
      const edits = {
        drop: name.slice(0, i) + name.slice(i + 1),
        double: name.slice(0, i) + name[i] + name.slice(i),
        swap: name.slice(0, i) + name[i + 1] + name[i] + name.slice(i + 2),
      };
      expect(nearest(edits[how], ["0".repeat(12), name])).toBe(name);
    }),
  );
});
