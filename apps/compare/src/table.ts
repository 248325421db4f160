import type { ComparedCell } from "./comparison.ts";
import type { Spread } from "./statistics.ts";

const percent = (spread: Spread | null): string =>
  spread === null ? "no labels" : `${(100 * spread.mean).toFixed(1)} ± ${(100 * spread.std).toFixed(1)}`;

const gain = ({ knn, untrained }: ComparedCell): string =>
  knn === null || untrained === null ? "" : `${knn.mean >= untrained.mean ? "+" : ""}${(100 * (knn.mean - untrained.mean)).toFixed(1)}`;

/** The columns of the table of cells. Accuracies are in percent, mean ± standard deviation over seeds. */
export const cellColumns = ["method", "backbone", "seeds", "kNN untrained", "kNN trained", "gain", "img/s", "peak memory, MiB"] as const;

/** A cell as texts, one for each column. */
export const cellRow = (cell: ComparedCell): readonly string[] => [
  cell.method,
  cell.backbone,
  String(cell.seeds.length),
  percent(cell.untrained),
  percent(cell.knn),
  gain(cell),
  cell.imagesPerSecond.toFixed(0),
  (cell.peakRssBytes / 2 ** 20).toFixed(0),
];
