import type { Markup } from "@twinview/report";
import { accuracyBars, knnCurves } from "./figures.ts";
import type { MeasuredSetting } from "./measured-cell.ts";
import type { Setting } from "./study.ts";

/** What the paper has as a table: bars beside the paper's numbers, and all kNN curves in one chart. */
export const ablationFigures =
  (settings: readonly Setting[]) =>
  (measured: readonly MeasuredSetting[]): readonly Markup[] => [
    ...accuracyBars(measured, settings),
    ...knnCurves(measured, [{ title: "kNN accuracy during training", settings: settings.map(({ name }) => name) }]),
  ];
