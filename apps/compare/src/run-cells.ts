import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { attempt, type UserError, unwrap } from "@twinview/config";
import type { Detected } from "@twinview/data";
import type { Engine } from "@twinview/engine";
import type { Summary } from "@twinview/report";
import { checkSameRun, type RunEvent, train } from "@twinview/train";
import type { TaskEither } from "fp-ts/lib/TaskEither.js";
import { cellName, type PlannedCell } from "./cell.ts";
import { readFinished } from "./finished-run.ts";

/** What happens while cells are trained. */
export type CellsEvent =
  | { readonly kind: "cell"; readonly name: string; readonly index: number; readonly count: number; readonly state: "training" | "found" }
  | { readonly kind: "run"; readonly name: string; readonly event: RunEvent };

export interface RunCellsOptions {
  readonly cells: readonly PlannedCell[];
  readonly outDir: string;
  readonly data: Detected;
  readonly engine: Engine;
  readonly machineGflops: number;
  readonly threads?: number | undefined;
  readonly workers?: number | undefined;
  readonly onEvent: (event: CellsEvent) => void;
  readonly shouldStop: () => boolean;
}

/** A trained cell. */
export interface CellResult {
  readonly planned: PlannedCell;
  readonly runDir: string;
  readonly summary: Summary;
}

/** Trained cells; fewer than asked for when it was stopped. */
export interface CellsOutcome {
  readonly results: readonly CellResult[];
  readonly stopped: boolean;
}

const runCell = async (planned: PlannedCell, runDir: string, options: RunCellsOptions): Promise<Summary | undefined> => {
  const name = cellName(planned.cell);
  await mkdir(runDir, { recursive: true });
  const { data, engine, machineGflops, threads, workers, onEvent, shouldStop } = options;
  const outcome = await unwrap(
    train({
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
    }),
  );
  return outcome.kind === "finished" ? outcome.summary : undefined;
};

/**
 * Trains cells one after the other, each in a folder of its own. A cell that was finished with the same configuration is read, one
 * that was interrupted goes on from its checkpoint, so the same command again resumes the whole.
 */
export const runCells = (options: RunCellsOptions): TaskEither<UserError, CellsOutcome> =>
  attempt(async () => {
    const results: CellResult[] = [];
    for (const [index, planned] of options.cells.entries()) {
      const name = cellName(planned.cell);
      const runDir = join(options.outDir, name);
      await checkSameRun(runDir, planned.run.config, "use the options of the first time to go on, or another folder with --out");
      const found = await readFinished(runDir);
      const count = options.cells.length;
      options.onEvent({ kind: "cell", name, index, count, state: found === undefined ? "training" : "found" });
      const summary = found ?? (await runCell(planned, runDir, options));
      if (summary === undefined) return { results, stopped: true };
      results.push({ planned, runDir, summary });
    }
    return { results, stopped: false };
  });
