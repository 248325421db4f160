import type { UserError } from "@twinview/config";
import type { App, PlannedRun, Surroundings, Wishes } from "@twinview/train";
import * as E from "fp-ts/lib/Either.js";

/** One run of a comparison: a method on a backbone with a seed, and settings of its own where it differs from the others. */
export interface Cell {
  readonly app: App;
  readonly backbone: string;
  readonly seed: number;
  /** Overrides of the configuration, as `path=value`. */
  readonly set: readonly string[];
  /** What tells cells of one method and backbone apart, where `set` does; part of the folder's name. */
  readonly variant?: string;
}

/** A cell with the run it stands for. */
export interface PlannedCell {
  readonly cell: Cell;
  readonly run: PlannedRun;
}

/** The folder of a cell: `moco-v3-vit-mini-seed0`. */
export const cellName = ({ app, backbone, seed, variant }: Cell): string =>
  [app.method, backbone, ...(variant === undefined ? [] : [variant]), `seed${seed}`].join("-");

/** Sets a cell up; an error names the cell it is about. */
export const planCell = (cell: Cell, wishes: Wishes, around: Surroundings): E.Either<UserError, PlannedCell> => {
  const { app, backbone, seed, set } = cell;
  const planned = app.plan({ ...wishes, backbone, seed }, around, set);
  if (E.isLeft(planned)) return E.left({ ...planned.left, what: `${cellName(cell)}: ${planned.left.what}` });
  return E.right({ cell, run: planned.right.run });
};
