import fc from "fast-check";
import * as E from "fp-ts/lib/Either.js";
import { expect, test } from "vitest";
import { parseJson, placeOf } from "./json.ts";

const builtIn = (text: string): unknown => {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return "not JSON";
  }
};
const ours = (text: string): unknown => {
  const result = parseJson(text);
  return E.isRight(result) ? { value: result.right } : "not JSON";
};
const fault = (text: string): string => {
  const result = parseJson(text);
  if (E.isRight(result)) return "ok";
  const { line, column } = placeOf(text, result.left.offset);
  return `${line}:${column} ${result.left.what}`;
};

test("reads every JSON text as the built-in parser does", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), fc.nat(4), (text, indent) => {
      const pretty = JSON.stringify(JSON.parse(text), null, indent);
      expect(ours(pretty)).toEqual(builtIn(pretty));
    }),
    { numRuns: 500 },
  );
});

test("accepts and refuses the same damaged texts as the built-in parser", () => {
  const scrap = fc.constantFrom(..."{}[],:\"\\ue0E+-.19 \t\n\u0000tfn'/");
  fc.assert(
    fc.property(fc.json({ maxDepth: 3 }), fc.nat(), fc.array(scrap, { maxLength: 3 }), fc.nat(2), (text, where, insert, cut) => {
      const at = where % (text.length + 1);
      const damaged = text.slice(0, at) + insert.join("") + text.slice(at + cut);
      if (fault(damaged).includes("appears twice")) return;
      expect(ours(damaged)).toEqual(builtIn(damaged));
    }),
    { numRuns: 3_000 },
  );
});

test.each([
  ["", "1:1 expected a value, got the end of the file"],
  ['{"a": 1,\n "b" 2}', '2:6 expected ":", got "2"'],
  ['{"a": 1,}', '1:9 expected a key in double quotes, got "}"'],
  ["[1, 2", '1:6 expected "," or "]", got the end of the file'],
  ["[1] x", '1:5 expected the end of the file, got "x"'],
  ['{"a": NaN}', '1:7 expected a value, got "N"'],
  ['{"a": "b\n"}', "1:7 this text is not closed on its line"],
  ['["\\x"]', "1:2 this text has an escape that JSON does not know"],
  ['{"a": 1, "a": 2}', '1:10 the key "a" appears twice'],
  ["[".repeat(100_000), "1:202 nested deeper than 200 levels"],
])("faults have a place: %j", (text, message) => {
  expect(fault(text)).toBe(message);
});

test("a key __proto__ is data", () => {
  const result = parseJson('{"__proto__": {"x": 1}}');
  if (E.isLeft(result)) throw new Error(result.left.what);
  expect(Object.keys(result.right as object)).toEqual(["__proto__"]);
  expect((result.right as { readonly x?: unknown }).x).toBeUndefined();
});

test("what other readers cannot hold is refused where that is asked for; numbers are as the caller reads them", () => {
  const portable = (text: string): unknown => {
    const result = parseJson(text, { portable: true, number: (literal) => (/^\d+$/.test(literal) ? Number(literal) : -1) });
    return result._tag === "Right" ? result.right : result.left.what;
  };
  expect(portable('["\\ud83d\\ude00", 4, 4.0, -0]')).toEqual(["\u{1f600}", 4, -1, -1]);
  expect(portable('["\\ud83d"]')).toBe("this text has half of a surrogate pair");
  expect(portable('{"\\ude00": 1}')).toBe("this text has half of a surrogate pair");
  expect(portable("[1e400]")).toBe("this number is too large");
  expect(ours('["\\ud83d", 1e400]')).toEqual(builtIn('["\\ud83d", 1e400]'));
});
