import * as E from "fp-ts/lib/Either.js";
import { type CommandSpec, dashed, type Flag, type Parsed, type Positional } from "./flag-spec.ts";
import { nearest, suggestion } from "./nearest.ts";
import { type Problem, problemsError } from "./problems.ts";
import { brief, type UserError } from "./user-error.ts";

type Scalar = string | number | boolean;

interface Read {
  readonly values: Map<string, Scalar[]>;
  readonly words: string[];
  readonly problems: Problem[];
}

const withFix = (problem: Problem, fix: string | undefined): Problem => (fix === undefined ? problem : { ...problem, fix });

const rangeText = (flag: Flag & { readonly type: "number" }): string => {
  const noun = flag.integer === true ? "a whole number" : "a number";
  const { min, max, above } = flag;
  if (above !== undefined) return max === undefined ? `${noun} above ${above}` : `${noun} above ${above}, at most ${max}`;
  if (min !== undefined && max !== undefined) return `${noun} from ${min} to ${max}`;
  return min !== undefined ? `${noun} of at least ${min}` : max !== undefined ? `${noun} of at most ${max}` : noun;
};

const readValue = (flag: Flag, name: string, word: string): E.Either<Problem, Scalar> => {
  const wrong = (expected: string, fix?: string) => E.left(withFix({ path: name, what: "wrong value", got: brief(word), expected }, fix));
  if (flag.type === "string") return E.right(word);
  if (flag.type === "boolean") return word === "true" || word === "false" ? E.right(word === "true") : wrong("true or false");
  if (flag.type === "choice")
    return flag.choices.includes(word) ? E.right(word) : wrong(`one of ${flag.choices.join(", ")}`, suggestion(word, flag.choices));
  const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word) ? Number(word) : Number.NaN;
  const { min = -Infinity, above = -Infinity, max = Infinity } = flag;
  const inside = Number.isFinite(number) && number >= min && number > above && number <= max;
  return inside && (flag.integer !== true || Number.isSafeInteger(number)) ? E.right(number) : wrong(rangeText(flag));
};

/** The flag that a word such as `--lr`, `--no-freeze` or `-o` names. */
const lookUp = (spec: CommandSpec, word: string): { readonly name: string; readonly flag: Flag; readonly off: boolean } | undefined => {
  for (const [name, flag] of Object.entries(spec.flags)) {
    if (word === dashed(name) || (flag.short !== undefined && word === `-${flag.short}`)) return { name, flag, off: false };
    if (flag.type === "boolean" && word === `--no-${dashed(name).slice(2)}`) return { name, flag, off: true };
  }
  return undefined;
};

/** Reads one flag at `argv[at]` and returns how many words it took. */
const takeFlag = (spec: CommandSpec, argv: readonly string[], at: number, into: Read): number => {
  const word = argv[at] as string;
  const equals = word.indexOf("=");
  const named = equals > 0 ? word.slice(0, equals) : word;
  const inline = equals > 0 ? word.slice(equals + 1) : undefined;
  const found = lookUp(spec, named);
  if (found === undefined) {
    const known = Object.keys(spec.flags).map(dashed);
    const near = nearest(named, known);
    const meant = near === undefined ? undefined : lookUp(spec, near)?.flag;
    const fix = near === undefined ? `see ${spec.name} --help` : `did you mean "${near}"?`;
    into.problems.push(withFix({ path: named, what: "unknown flag" }, fix));
    // the value of a misspelt flag is no argument: one mistake, one message
    return inline === undefined && meant !== undefined && meant.type !== "boolean" && argv[at + 1]?.startsWith("-") === false ? 2 : 1;
  }
  const { name, flag, off } = found;
  const given = into.values.get(name) ?? [];
  const repeats = flag.type !== "boolean" && flag.repeat === true;
  if (given.length > 0 && !repeats) into.problems.push({ path: named, what: "given more than once" });
  const next = argv[at + 1];
  const isValue = next !== undefined && (!next.startsWith("-") || next === "-" || (flag.type === "number" && /^-[\d.]/.test(next)));
  const taken = inline ?? (flag.type === "boolean" ? String(!off) : isValue ? next : undefined);
  if (taken === undefined) {
    into.problems.push({ path: named, what: "a value is missing", expected: `${named} ${flag.value ?? flag.type.toUpperCase()}` });
    return 1;
  }
  if (off && inline !== undefined) into.problems.push({ path: named, what: "takes no value", got: brief(inline) });
  const value = readValue(flag, named, taken);
  if (E.isLeft(value)) into.problems.push(value.left);
  into.values.set(name, [...given, ...(E.isRight(value) ? [value.right] : [])]);
  return inline === undefined && flag.type !== "boolean" ? 2 : 1;
};

const readWords = (spec: CommandSpec, argv: readonly string[]): Read => {
  const read: Read = { values: new Map(), words: [], problems: [] };
  for (let at = 0; at < argv.length; ) {
    const word = argv[at] as string;
    if (word === "--") {
      read.words.push(...argv.slice(at + 1));
      return read;
    }
    if (word.startsWith("-") && word !== "-") at += takeFlag(spec, argv, at, read);
    else {
      read.words.push(word);
      at += 1;
    }
  }
  return read;
};

const fillFlags = (spec: CommandSpec, { values, problems }: Read): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(spec.flags).map(([name, flag]) => {
      const given = values.get(name);
      if (flag.type === "boolean") return [name, given?.[0] ?? flag.default ?? false];
      if (given === undefined && flag.required === true && !problems.some(({ path }) => path === dashed(name)))
        problems.push({ path: dashed(name), what: "this flag is required", expected: flag.help });
      if (flag.repeat === true) return [name, given ?? (flag.default === undefined ? [] : [flag.default])];
      return [name, given?.[0] ?? flag.default];
    }),
  );

const checkWord = (name: string, { choices }: Positional, word: string): readonly Problem[] =>
  choices === undefined || choices.includes(word)
    ? []
    : [
        withFix(
          { path: name, what: "unknown value", got: brief(word), expected: `one of ${choices.join(", ")}` },
          suggestion(word, choices),
        ),
      ];

const fillArgs = (spec: CommandSpec, { words, problems }: Read): Readonly<Record<string, unknown>> => {
  const left = [...words];
  const args = Object.entries(spec.args ?? {}).map(([name, positional]) => {
    const taken = left.splice(0, positional.rest === true ? left.length : 1);
    if (taken.length === 0 && positional.required === true) {
      const among = positional.choices === undefined ? positional.help : `one of ${positional.choices.join(", ")}`;
      problems.push({ path: name, what: "this argument is required", expected: among });
    }
    problems.push(...taken.flatMap((word) => checkWord(name, positional, word)));
    return [name, positional.rest === true ? taken : taken[0]] as const;
  });
  for (const word of left) problems.push({ path: "", what: `unexpected argument ${brief(word)}` });
  return Object.fromEntries(args);
};

/**
 * Reads a command line by its spec: `--flag value`, `--flag=value`, `--no-flag`, `-f value`, and `--` before words that are no
 * flags. All mistakes are reported at once; a misspelt flag comes with the nearest known one.
 */
export const parseFlags = <const S extends CommandSpec>(argv: readonly string[], spec: S): E.Either<UserError, Parsed<S>> => {
  const read = readWords(spec, argv);
  const flags = fillFlags(spec, read);
  const args = fillArgs(spec, read);
  return read.problems.length > 0 ? E.left(problemsError("flags", spec.name, read.problems)) : E.right({ flags, args } as Parsed<S>);
};

/** Whether a command line asks for help: `--help` or `-h` before any `--`. */
export const wantsHelp = (argv: readonly string[]): boolean => {
  const end = argv.indexOf("--");
  return (end < 0 ? argv : argv.slice(0, end)).some((word) => word === "--help" || word === "-h");
};
