export type { Accuracies, BaselineRecord, KnnRecord, MetricRecord, StepRecord } from "./metric-record.ts";
export { readMetrics } from "./metrics-reader.ts";
export { type Metrics, type MetricsOptions, openMetrics } from "./metrics-writer.ts";
export { type ReportInput, renderReport } from "./report.ts";
export { type RunPaths, runPaths } from "./run-paths.ts";
export { type Summary, summaryCodec } from "./summary.ts";
export { writeJson, writeText } from "./write-json.ts";
