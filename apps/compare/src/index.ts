export { type Cell, cellName, type PlannedCell, planCell } from "./cell.ts";
export { distinctKinds, sharedEpochs } from "./choose-epochs.ts";
export { comparePage, type RunCurve } from "./compare-page.ts";
export { type ComparedCell, type Comparison, comparisonOf } from "./comparison.ts";
export { readFinished } from "./finished-run.ts";
export { markdownTable } from "./markdown.ts";
export { type CellResult, type CellsEvent, type CellsOutcome, type RunCellsOptions, runCells } from "./run-cells.ts";
export { type Spread, spreadOf } from "./statistics.ts";
