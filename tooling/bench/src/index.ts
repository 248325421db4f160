export type { Case, CaseContext } from "./cases.ts";
export { startRunner } from "./line-process.ts";
export { type MeasureOptions, measure, type Speeds } from "./measure.ts";
export { type OpenStep, openStep, type StepTuning } from "./our-step.ts";
export type { Runner } from "./runner.ts";
export { type Comparison, compare, median } from "./statistics.ts";
export { type StepConfig, stepFlops } from "./step-flops.ts";
