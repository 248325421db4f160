export { judge } from "./claims.ts";
export { measureRun } from "./measure.ts";
export type { MeasuredCell, MeasuredSetting } from "./measured-cell.ts";
export { fullSize, planStudy, quickImages, quickSize, type StudyCell, type StudySize } from "./plan-study.ts";
export { type StudyResult, studyResult, studyResultCodec } from "./result.ts";
export { studies, waitingStudies } from "./studies.ts";
export type { Claim, Judgement, Setting, Study, Verdict, WaitingStudy } from "./study.ts";
export { studiesPage, studyPage } from "./study-page.ts";
export { studiesMarkdown, studyMarkdown, verdictText } from "./study-table.ts";
