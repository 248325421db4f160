interface FlagBase {
  readonly help: string;
  /** One letter: "o" for `-o`. */
  readonly short?: string;
  /** The name of the value in the help: FOLDER. */
  readonly value?: string;
}

interface Filled {
  readonly required?: true;
  /** May be given several times; the result is a list. */
  readonly repeat?: true;
}

/** One flag of a command. */
export type Flag =
  | (FlagBase & { readonly type: "boolean"; readonly default?: boolean })
  | (FlagBase & Filled & { readonly type: "string"; readonly default?: string })
  | (FlagBase &
      Filled & {
        readonly type: "number";
        readonly default?: number;
        readonly integer?: true;
        readonly min?: number;
        /** Values must be greater than this. */
        readonly above?: number;
        readonly max?: number;
      })
  | (FlagBase & Filled & { readonly type: "choice"; readonly choices: readonly string[]; readonly default?: string });

/** One argument without dashes. */
export interface Positional {
  readonly help: string;
  readonly required?: true;
  readonly choices?: readonly string[];
  /** Takes all that follow; only for the last one. */
  readonly rest?: true;
}

/**
 * A command line as a literal table. Flags are named in camel case and written with dashes: `freezePatch` is `--freeze-patch`,
 * and a boolean one is switched off by `--no-freeze-patch`.
 */
export interface CommandSpec {
  /** As typed: "twinview train". */
  readonly name: string;
  readonly summary: string;
  readonly args?: Readonly<Record<string, Positional>>;
  readonly flags: Readonly<Record<string, Flag>>;
}

type Single<F extends Flag> = F extends { readonly type: "choice"; readonly choices: readonly (infer C)[] }
  ? C
  : { readonly string: string; readonly number: number; readonly boolean: boolean; readonly choice: string }[F["type"]];

type FlagValue<F extends Flag> = F extends { readonly repeat: true }
  ? readonly Single<F>[]
  : F extends { readonly type: "boolean" } | { readonly required: true } | { readonly default: unknown }
    ? Single<F>
    : Single<F> | undefined;

type Word<P extends Positional> = P extends { readonly choices: readonly (infer C)[] } ? C : string;

type ArgValue<P extends Positional> = P extends { readonly rest: true }
  ? readonly Word<P>[]
  : P extends { readonly required: true }
    ? Word<P>
    : Word<P> | undefined;

/** What a command line of a spec parses to: every name of the table, with `undefined` for what was left out and has no default. */
export interface Parsed<S extends CommandSpec> {
  readonly flags: { readonly [K in keyof S["flags"]]: FlagValue<S["flags"][K]> };
  readonly args: S["args"] extends Readonly<Record<string, Positional>>
    ? { readonly [K in keyof S["args"]]: ArgValue<S["args"][K]> }
    : Record<never, never>;
}

/** `freezePatch` as it is typed: `--freeze-patch`. */
export const dashed = (name: string): string => `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;
