import { type LineChartOptions, legend, lineChart, type Series } from "./line-chart.ts";
import type { Markup } from "./markup.ts";
import { movingAverage } from "./moving-average.ts";
import { chartCard } from "./page.ts";
import type { Axis } from "./scale.ts";
import type { Tone } from "./tone.ts";

/** The x axis of all curves of a run. */
export const stepAxis: Axis = { label: "step", whole: true, include: [0] };

/** A noisy curve as two: what was recorded, pale, and its moving average over about a fiftieth of the run. */
export const withAverage = (name: string, tone: Tone, x: readonly number[], y: readonly number[]): readonly Series[] => {
  const window = 2 * Math.round(y.length / 100) + 1;
  if (window < 3) return [{ name, tone, x, y }];
  return [
    { name, tone, x, y, look: "faint" },
    { name: `mean of ${window}`, tone, x, y: movingAverage(y, window) },
  ];
};

/** Curves on a card; their key when there are several. */
export const curveCard = (title: string, options: LineChartOptions, note?: string): Markup =>
  chartCard({ title, chart: lineChart(options), ...(options.series.length > 1 ? { keys: legend(options.series) } : {}), note });
