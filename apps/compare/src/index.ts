export { type Cell, cellName, type PlannedCell, planCell } from "./cell.ts";
export { distinctKinds, sharedEpochs } from "./choose-epochs.ts";
export { comparePage, type RunCurve } from "./compare-page.ts";
export { type ComparedCell, type Comparison, comparisonOf } from "./comparison.ts";
export { finishedRun, readFinished } from "./finished-run.ts";
export { markdownTable } from "./markdown.ts";
export { type CellResult, type CellsEvent, type CellsOutcome, type DivergedCell, type RunCellsOptions, runCells } from "./run-cells.ts";
export { type Spread, spreadOf } from "./statistics.ts";
export {
  fullSize,
  judge,
  type MeasuredCell,
  type MeasuredSetting,
  measureRun,
  planStudy,
  quickImages,
  quickSize,
  quickTransfer,
  type Study,
  type StudyCell,
  type StudyResult,
  type StudySize,
  studies,
  studiesMarkdown,
  studiesPage,
  studyMarkdown,
  studyPage,
  studyResult,
  studyResultCodec,
  type TransferPlan,
  type Transferred,
  transferRun,
  type Verdict,
  verdictText,
} from "./studies/index.ts";
