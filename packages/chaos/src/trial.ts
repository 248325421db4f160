import type { Ground } from "./ground.ts";

/** What a trial found: how often the fault was made and how often the promise held, or why the fault could not be made here. */
export type Finding =
  | { readonly tried: number; readonly held: number; readonly found: string }
  | {
      /** The tool, the right or the system that is missing. */
      readonly skipped: string;
    };

/** A finding in words: what was tried, and each problem, for which one time did not hold. */
export const finding = (tried: number, found: string, problems: readonly string[]): Finding => ({
  tried,
  held: Math.max(0, tried - problems.length),
  found: [found, ...problems].join("; "),
});

/** A fault made on purpose, and the promise that has to hold. */
export interface Trial {
  readonly name: string;
  readonly promise: string;
  /** Makes the fault. A rejection counts as a broken promise. */
  readonly run: (ground: Ground) => Promise<Finding>;
}

/** A trial that has been run. */
export interface Tried {
  readonly name: string;
  readonly promise: string;
  readonly status: "ok" | "failed" | "skipped";
  readonly tried: number;
  readonly held: number;
  readonly found: string;
  readonly seconds: number;
}

const findingOf = async (trial: Trial, ground: Ground): Promise<Finding> => {
  try {
    return await trial.run(ground);
  } catch (error) {
    return { tried: 1, held: 0, found: error instanceof Error ? error.message : String(error) };
  }
};

/** Runs a trial. One that could not be made is skipped, never counted as held. */
export const tryOut = async (trial: Trial, ground: Ground): Promise<Tried> => {
  const { name, promise } = trial;
  const started = performance.now();
  const outcome = await findingOf(trial, ground);
  const seconds = (performance.now() - started) / 1000;
  if ("skipped" in outcome) return { name, promise, status: "skipped", tried: 0, held: 0, found: outcome.skipped, seconds };
  const { tried, held, found } = outcome;
  return { name, promise, status: tried > 0 && held === tried ? "ok" : "failed", tried, held, found, seconds };
};
