import type { UserError } from "@twinview/config";
import type { Surroundings } from "@twinview/train";
import * as E from "fp-ts/lib/Either.js";
import { type Cell, type PlannedCell, planCell } from "../cell.ts";
import { configKey } from "./config-key.ts";
import type { Setting, Study } from "./study.ts";

/** How large a study's cells are. */
export interface StudySize {
  readonly seeds: number;
  /** Epochs of a cell of length 1. */
  readonly epochs: number;
  /** Divides every batch: 1, or more for a smoke test. */
  readonly shrink: number;
  /** Evaluations of the kNN curve in a run. */
  readonly evaluations: number;
  readonly knn: { readonly bank: number; readonly queries: number; readonly finalBank: number; readonly finalQueries: number };
}

/** Twenty points a curve; all of Fashion-MNIST's test images for the final numbers. */
export const fullSize = {
  shrink: 1,
  evaluations: 20,
  knn: { bank: 2_000, queries: 2_000, finalBank: 10_000, finalQueries: 10_000 },
} as const;

/** A few small steps: shows that everything works, and nothing else. */
export const quickSize = {
  seeds: 1,
  shrink: 8,
  evaluations: 2,
  knn: { bank: 200, queries: 100, finalBank: 200, finalQueries: 100 },
} as const;
/** What a quick study transfers to is its own data, with the labels of a few images. */
export const quickTransfer = { labels: 0.01, epochs: 1 } as const;
/** Training images of a quick cell of length 1. */
export const quickImages = 256;

/** A cell of a study with the setting it belongs to. */
export interface StudyCell {
  readonly setting: string;
  readonly planned: PlannedCell;
}

const overridesOf = ({ times, warmup, set }: Setting, { epochs, evaluations, knn }: StudySize): readonly string[] => [
  ...Object.entries(knn).map(([name, count]) => `knn.${name}=${count}`),
  `knn.everyEpochs=${Number(((epochs * times) / evaluations).toPrecision(6))}`,
  "checkpoint.keep=1",
  ...(warmup === undefined ? [] : [`optimizer.warmupEpochs=${Number((epochs * times * warmup).toPrecision(6))}`]),
  ...set,
];

/** Plans one cell of a study; its folder is named by its configuration. */
const planOne = (setting: Setting, seed: number, data: string, size: StudySize, around: Surroundings): E.Either<UserError, StudyCell> => {
  const { app, backbone } = setting;
  const shrunk = size.shrink === 1 ? setting.batch : Math.max(2, Math.min(setting.batch / size.shrink, Math.floor(around.images / 2)));
  const cell: Cell = { app, backbone, seed, set: overridesOf(setting, size) };
  const wishes = { data, preset: "mini", batch: shrunk, epochs: size.epochs * setting.times };
  return E.map(({ run }: PlannedCell) => ({
    setting: setting.name,
    planned: { cell: { ...cell, variant: configKey(run.config) }, run },
  }))(planCell(cell, wishes, around));
};

/** All cells of a study, seed by seed, so that a study that is cut short has whole seeds. */
export const planStudy = (study: Study, data: string, size: StudySize, around: Surroundings): E.Either<UserError, readonly StudyCell[]> => {
  const cells: StudyCell[] = [];
  for (let seed = 0; seed < size.seeds; seed++) {
    for (const setting of study.settings) {
      const planned = planOne(setting, seed, data, size, around);
      if (E.isLeft(planned)) return planned;
      cells.push(planned.right);
    }
  }
  return E.right(cells);
};
