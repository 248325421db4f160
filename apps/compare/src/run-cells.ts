import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { attempt, failure, type UserError } from "@twinview/config";
import type { Detected } from "@twinview/data";
import type { Engine } from "@twinview/engine";
import type { Summary } from "@twinview/report";
import { checkSameRun, type RunEvent, train } from "@twinview/train";
import * as E from "fp-ts/lib/Either.js";
import type { TaskEither } from "fp-ts/lib/TaskEither.js";
import { cellName, type PlannedCell } from "./cell.ts";
import { type Diverged, isDivergence, readDiverged, writeDiverged } from "./diverged.ts";
import { readFinished } from "./finished-run.ts";

/** What happens while cells are trained. */
export type CellsEvent =
  | { readonly kind: "cell"; readonly name: string; readonly index: number; readonly count: number; readonly state: "training" | "found" }
  | { readonly kind: "run"; readonly name: string; readonly event: RunEvent }
  | { readonly kind: "diverged"; readonly name: string; readonly what: string };

export interface RunCellsOptions {
  readonly cells: readonly PlannedCell[];
  readonly outDir: string;
  readonly data: Detected;
  readonly engine: Engine;
  readonly machineGflops: number;
  readonly threads?: number | undefined;
  readonly workers?: number | undefined;
  /** Whether a cell whose numbers are not finite any more is a result like others; an error that ends it all when absent. */
  readonly keepDiverged?: boolean;
  readonly onEvent: (event: CellsEvent) => void;
  readonly shouldStop: () => boolean;
}

/** A trained cell. */
export interface CellResult {
  readonly planned: PlannedCell;
  readonly runDir: string;
  readonly summary: Summary;
}

/** A cell that ended in numbers that are not finite. */
export interface DivergedCell {
  readonly planned: PlannedCell;
  readonly runDir: string;
  readonly diverged: Diverged;
}

/** Trained cells; fewer than asked for when it was stopped. */
export interface CellsOutcome {
  readonly results: readonly CellResult[];
  readonly diverged: readonly DivergedCell[];
  readonly stopped: boolean;
}

/** How one cell ended. */
type Ending = { readonly summary: Summary } | { readonly diverged: Diverged } | "stopped";

const runCell = async (planned: PlannedCell, runDir: string, options: RunCellsOptions): Promise<Ending> => {
  const name = cellName(planned.cell);
  await mkdir(runDir, { recursive: true });
  const { data, engine, machineGflops, threads, workers, keepDiverged = false, onEvent, shouldStop } = options;
  const started = performance.now();
  const outcome = await train({
    run: planned.run,
    data,
    runDir,
    engine,
    machineGflops,
    threads,
    workers,
    notes: [],
    onEvent: (event) => onEvent({ kind: "run", name, event }),
    shouldStop,
  })();
  if (E.isRight(outcome)) return outcome.right.kind === "finished" ? { summary: outcome.right.summary } : "stopped";
  if (!(keepDiverged && isDivergence(outcome.left))) throw failure(outcome.left);
  const diverged = { what: outcome.left.what, seconds: (performance.now() - started) / 1000 };
  await writeDiverged(runDir, diverged);
  return { diverged };
};

const found = async (runDir: string, { keepDiverged = false }: RunCellsOptions): Promise<Ending | undefined> => {
  const summary = await readFinished(runDir);
  if (summary !== undefined) return { summary };
  const diverged = keepDiverged ? await readDiverged(runDir) : undefined;
  return diverged === undefined ? undefined : { diverged };
};

/**
 * Trains cells one after the other, each in a folder of its own. A cell that was finished with the same configuration is read, one
 * that was interrupted goes on from its checkpoint, so the same command again resumes the whole.
 */
export const runCells = (options: RunCellsOptions): TaskEither<UserError, CellsOutcome> =>
  attempt(async () => {
    const results: CellResult[] = [];
    const diverged: DivergedCell[] = [];
    for (const [index, planned] of options.cells.entries()) {
      const name = cellName(planned.cell);
      const runDir = join(options.outDir, name);
      await checkSameRun(runDir, planned.run.config, "use the options of the first time to go on, or another folder with --out");
      const before = await found(runDir, options);
      const count = options.cells.length;
      options.onEvent({ kind: "cell", name, index, count, state: before === undefined ? "training" : "found" });
      const ending = before ?? (await runCell(planned, runDir, options));
      if (ending === "stopped") return { results, diverged, stopped: true };
      if ("summary" in ending) results.push({ planned, runDir, ...ending });
      else {
        options.onEvent({ kind: "diverged", name, what: ending.diverged.what });
        diverged.push({ planned, runDir, ...ending });
      }
    }
    return { results, diverged, stopped: false };
  });
