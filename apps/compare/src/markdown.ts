import type { ComparedCell, Comparison } from "./comparison.ts";
import type { Spread } from "./statistics.ts";

const percent = (spread: Spread | null): string =>
  spread === null ? "no labels" : `${(100 * spread.mean).toFixed(1)} ± ${(100 * spread.std).toFixed(1)}`;
const gain = ({ knn, untrained }: ComparedCell): string =>
  knn === null || untrained === null ? "" : `${knn.mean >= untrained.mean ? "+" : ""}${(100 * (knn.mean - untrained.mean)).toFixed(1)}`;

/** The comparison as a Markdown table, ready for a paper's repository or an issue. Accuracies in percent, mean ± deviation over seeds. */
export const markdownTable = ({ cells, raw, dataset }: Comparison): string => {
  const rows = cells.map((cell) =>
    [
      cell.method,
      cell.backbone,
      String(cell.seeds.length),
      percent(cell.untrained),
      percent(cell.knn),
      gain(cell),
      cell.imagesPerSecond.toFixed(0),
      (cell.peakRssBytes / 2 ** 20).toFixed(0),
    ].join(" | "),
  );
  const head = "method | backbone | seeds | kNN untrained | kNN trained | gain | img/s | peak memory, MiB";
  const note = raw === null ? `Data: ${dataset}.` : `Data: ${dataset}; kNN on raw pixels ${(100 * raw).toFixed(1)}.`;
  return `${[head, "--- | --- | --- | --- | --- | --- | --- | ---", ...rows].map((row) => `| ${row} |`).join("\n")}\n\n${note}\n`;
};
