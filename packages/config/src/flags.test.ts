import fc from "fast-check";
import * as E from "fp-ts/lib/Either.js";
import { expect, test } from "vitest";
import { dashed } from "./flag-spec.ts";
import { helpText } from "./help-text.ts";
import { parseFlags, wantsHelp } from "./parse-flags.ts";
import { renderUserError } from "./user-error.ts";

const spec = {
  name: "twinview train",
  summary: "Trains an encoder without labels.",
  args: { method: { help: "the method", required: true, choices: ["moco-v3", "byol"] }, notes: { help: "free words", rest: true } },
  flags: {
    data: { type: "string", help: "folder of images", value: "FOLDER", required: true },
    epochs: { type: "number", help: "passes over the data", integer: true, min: 1, max: 10_000 },
    lr: { type: "number", help: "base learning rate", default: 1e-3 },
    preset: { type: "choice", help: "size of the run", choices: ["mini", "paper"], default: "mini" },
    freezePatch: { type: "boolean", help: "freeze the patch projection" },
    color: { type: "boolean", help: "colours", default: true },
    set: { type: "string", help: "override", repeat: true, value: "PATH=VALUE" },
    out: { type: "string", help: "run folder", short: "o", value: "FOLDER" },
  },
} as const;

const said = (...argv: readonly string[]): string => {
  const result = parseFlags(argv, spec);
  return E.isLeft(result) ? renderUserError(result.left) : "ok";
};

test("every way to write a flag", () => {
  const argv = "moco-v3 --data imgs --epochs=3 --lr -0.5 --set a.b=c --set=d=e --freeze-patch --no-color -o run one -- --two -".split(" ");
  const result = parseFlags(argv, spec);
  if (E.isLeft(result)) throw new Error(renderUserError(result.left));
  const { flags, args } = result.right;
  expect(flags).toEqual({
    data: "imgs",
    epochs: 3,
    lr: -0.5,
    preset: "mini",
    freezePatch: true,
    color: false,
    set: ["a.b=c", "d=e"],
    out: "run",
  });
  expect(args).toEqual({ method: "moco-v3", notes: ["one", "--two", "-"] });
  const typed: {
    readonly data: string;
    readonly epochs: number | undefined;
    readonly preset: "mini" | "paper";
    readonly set: readonly string[];
  } = flags;
  const method: "moco-v3" | "byol" = args.method;
  // @ts-expect-error may be left out, so it may be undefined
  const epochs: number = flags.epochs;
  expect([typed.data, method, epochs]).toEqual(["imgs", "moco-v3", 3]);
});

test("what is left out takes its default", () => {
  const result = parseFlags(["byol", "--data="], spec);
  expect(result).toEqual(
    E.right({
      flags: { data: "", epochs: undefined, lr: 1e-3, preset: "mini", freezePatch: false, color: true, set: [], out: undefined },
      args: { method: "byol", notes: [] },
    }),
  );
});

test.each([
  [["byol", "--data", "x", "--epoch", "3"], 'error: --epoch: unknown flag\n  where: twinview train\n  fix: did you mean "--epochs"?'],
  [["byol", "--data", "x", "--zebra"], "error: --zebra: unknown flag\n  where: twinview train\n  fix: see twinview train --help"],
  [["byol", "--data"], "error: --data: a value is missing\n  where: twinview train\n  expected: --data FOLDER"],
  [["byol", "--data", "--color"], "error: --data: a value is missing\n  where: twinview train\n  expected: --data FOLDER"],
  [["byol"], "error: --data: this flag is required\n  where: twinview train\n  expected: folder of images"],
  [["byol", "--data", "x", "--data=y"], "error: --data: given more than once\n  where: twinview train"],
  [
    ["byol", "--data", "x", "--epochs", "1.5"],
    'error: --epochs: wrong value\n  where: twinview train\n  got: "1.5"\n  expected: a whole number from 1 to 10000',
  ],
  [["byol", "--data", "x", "--lr", "1e"], 'error: --lr: wrong value\n  where: twinview train\n  got: "1e"\n  expected: a number'],
  [
    ["byol", "--data", "x", "--preset", "papr"],
    'error: --preset: wrong value\n  where: twinview train\n  got: "papr"\n  expected: one of mini, paper\n  fix: did you mean "paper"?',
  ],
  [["byol", "--data", "x", "--color=yes"], 'error: --color: wrong value\n  where: twinview train\n  got: "yes"\n  expected: true or false'],
  [["byol", "--data", "x", "--no-color=true"], 'error: --no-color: takes no value\n  where: twinview train\n  got: "true"'],
  [["--data", "x"], "error: method: this argument is required\n  where: twinview train\n  expected: one of moco-v3, byol"],
  [
    ["moco-v2", "--data", "x"],
    'error: method: unknown value\n  where: twinview train\n  got: "moco-v2"\n  expected: one of moco-v3, byol\n  fix: did you mean "moco-v3"?',
  ],
])("%j", (argv, message) => {
  expect(said(...argv)).toBe(message);
});

test("several mistakes come as one list", () => {
  expect(said("byo", "--lrr", "1", "--epochs", "0")).toBe(
    [
      "error: 4 problems",
      '  --lrr: unknown flag; did you mean "--lr"?',
      '  --epochs: wrong value, got "0", expected a whole number from 1 to 10000',
      "  --data: this flag is required, expected folder of images",
      '  method: unknown value, got "byo", expected one of moco-v3, byol; did you mean "byol"?',
      "  where: twinview train",
    ].join("\n"),
  );
});

test("a word too many", () => {
  const small = { name: "twinview doctor", summary: "Checks.", flags: {} } as const;
  const result = parseFlags(["now"], small);
  expect(E.isLeft(result) ? result.left.what : "ok").toBe('unexpected argument "now"');
});

test("no command line makes the parser throw, and names such as constructor are no flags", () => {
  const word = fc.oneof(fc.constantFrom("--data", "--set", "-o", "--", "-", "--=", "--constructor", "--__proto__=1", "byol"), fc.string());
  fc.assert(
    fc.property(fc.array(word), (argv) => void parseFlags(argv, spec)),
    { numRuns: 500 },
  );
  expect(said("byol", "--data", "x", "--__proto__=1")).toContain("--__proto__: unknown flag");
});

test("values written by the table are read back", () => {
  const values = fc.record({
    data: fc.string(),
    epochs: fc.integer({ min: 1, max: 10_000 }),
    lr: fc.double({ noNaN: true, noDefaultInfinity: true }),
  });
  fc.assert(
    fc.property(values, fc.array(fc.string()), (given, set) => {
      const argv = ["byol", ...Object.entries(given).map(([name, v]) => `${dashed(name)}=${v}`), ...set.map((s) => `--set=${s}`)];
      const result = parseFlags(argv, spec);
      expect(E.isRight(result) && result.right.flags).toMatchObject({ ...given, lr: given.lr + 0, set });
    }),
  );
});

test("help lists every argument and flag", () => {
  expect(helpText(spec)).toBe(`Trains an encoder without labels.

usage: twinview train <method> [notes ...] [flags]

arguments
  method  the method: moco-v3, byol
  notes   free words

flags
  --data FOLDER        folder of images (required)
  --epochs N           passes over the data
  --lr N               base learning rate (default 0.001)
  --preset mini|paper  size of the run (default mini)
  --freeze-patch       freeze the patch projection
  --color              colours (default true)
  --set PATH=VALUE     override (may be repeated)
  --out, -o FOLDER     run folder
  --help, -h           show this text
`);
  expect([["-h"], ["a", "--help"], ["--", "--help"], ["--helps"]].map(wantsHelp)).toEqual([true, true, false, false]);
});

test("a bound that a number must exceed", () => {
  const timed = { name: "x", summary: "", flags: { minutes: { type: "number", help: "", above: 0, max: 60 } } } as const;
  const parsed = (word: string) => parseFlags(["--minutes", word], timed);
  expect(parsed("0.001")).toMatchObject({ right: { flags: { minutes: 0.001 } } });
  expect(parsed("0")).toMatchObject({ left: { got: '"0"', expected: "a number above 0, at most 60" } });
  expect(parsed("61")).toMatchObject({ left: { got: '"61"' } });
});
