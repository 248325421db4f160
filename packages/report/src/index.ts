export { type Bar, type BarChartOptions, barChart } from "./bar-chart.ts";
export { type ConfusionOptions, confusedPairs, confusionTable } from "./confusion-table.ts";
export { weightEnds } from "./gradients.ts";
export { type HeatmapOptions, type HeatRow, heatmap } from "./heatmap.ts";
export { type History, historyOf } from "./history.ts";
export { type LineChartOptions, legend, lineChart, type Series } from "./line-chart.ts";
export { escapeHtml, html, isPngDataUri, type Markup, type Part } from "./markup.ts";
export type {
  Accuracies,
  BaselineRecord,
  CollapseRecord,
  DipRecord,
  KnnRecord,
  MetricRecord,
  NonFiniteRecord,
  QualityRecord,
  RecoveryRecord,
  SpikeRecord,
  StepRecord,
} from "./metric-record.ts";
export { readMetrics } from "./metrics-reader.ts";
export { type Metrics, type MetricsOptions, openMetrics } from "./metrics-writer.ts";
export { percentText } from "./number-text.ts";
export { chartCard, type PageOptions, page, pagePolicy, section } from "./page.ts";
export { agreement, imageStrips, neighbourTable } from "./pictures.ts";
export type { Reference } from "./references.ts";
export { renderReport } from "./report.ts";
export type { NeighbourRow, ReportImage, ReportInput, SampleViews } from "./report-input.ts";
export { type RunPaths, runPaths } from "./run-paths.ts";
export type { Axis } from "./scale.ts";
export { groupColor, type ScatterOptions, scatterPlot } from "./scatter.ts";
export { type Summary, summaryCodec } from "./summary.ts";
export type { Curve } from "./thin.ts";
export type { Unit } from "./ticks.ts";
export type { Tone } from "./tone.ts";
export { jsonText, writeBytes, writeJson, writeText } from "./write-json.ts";
