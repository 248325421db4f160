import fc from "fast-check";
import { expect, test } from "vitest";
import { problemsError } from "./problems.ts";
import { brief, isUserError, printable, renderUserError, userError } from "./user-error.ts";

test("an error is rendered as a sentence and the details that are known", () => {
  const error = userError("config", "optim.momentun: unknown key", { where: "config.json", fix: 'did you mean "momentum"?' });
  expect(renderUserError(error)).toBe('error: optim.momentun: unknown key\n  where: config.json\n  fix: did you mean "momentum"?');
  expect(renderUserError(userError("x", "it failed"))).toBe("error: it failed");
});

test("terminal escapes in names are shown, not obeyed", () => {
  const hostile = userError("file", "cannot read", { where: "a\u001b]0;title\u0007\u001b[2Jb\u202ec\r" });
  expect(renderUserError(hostile)).toBe("error: cannot read\n  where: a\\u001b]0;title\\u0007\\u001b[2Jb\\u202ec\\u000d");
  fc.assert(
    fc.property(
      fc.string({ unit: "binary" }),
      (text) => void expect(printable(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/u),
    ),
  );
});

test("user errors are told from other values", () => {
  expect(isUserError(userError("a", "b", { fix: "c" }))).toBe(true);
  for (const other of [null, "error", {}, { kind: "a" }, { kind: "a", what: 1 }, { kind: "a", what: "b", got: 3 }, new Error("x")])
    expect(isUserError(other)).toBe(false);
});

test("values are cut to a short text", () => {
  expect(brief("abc")).toBe('"abc"');
  expect(brief(Number.NaN)).toBe("NaN");
  expect(brief(undefined)).toBe("undefined");
  expect(brief([1, 2, [3]])).toBe('[1,2,"[1 values]"]');
  expect(brief(Array.from({ length: 1e6 }))).toBe('"[1000000 values]"');
  expect(brief("x".repeat(1e6)).length).toBeLessThanOrEqual(60);
});

test("many problems are counted and the first eight are listed", () => {
  const problems = Array.from({ length: 11 }, (_, i) => ({ path: `a[${i}]`, what: "missing", expected: "a text" }));
  const rendered = renderUserError(problemsError("config", "c.json", problems));
  expect(rendered.split("\n")).toHaveLength(1 + 8 + 1 + 1);
  expect(rendered).toContain("error: 11 problems\n  a[0]: missing, expected a text\n");
  expect(rendered).toContain("  and 3 more\n  where: c.json");
});
