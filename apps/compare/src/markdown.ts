import type { Comparison } from "./comparison.ts";
import { cellColumns, cellRow } from "./table.ts";

/** The comparison as a Markdown table, ready for a repository or an issue. */
export const markdownTable = ({ cells, raw, dataset }: Comparison): string => {
  const rows = [cellColumns, cellColumns.map(() => "---"), ...cells.map(cellRow)];
  const note = raw === null ? `Data: ${dataset}.` : `Data: ${dataset}; kNN on raw pixels ${(100 * raw).toFixed(1)}.`;
  return `${rows.map((row) => `| ${row.join(" | ")} |`).join("\n")}\n\n${note}\n`;
};
