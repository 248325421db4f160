import { spreadOf } from "../statistics.ts";
import type { MeasuredSetting } from "./measured-cell.ts";
import type { Statistic } from "./statistics.ts";
import type { Judgement, Verdict } from "./study.ts";

/** A difference of settings with its standard error; no error where a setting has fewer than two seeds. */
export interface Contrast {
  readonly value: number;
  readonly error: number | undefined;
}

/** Settings by name with their weights: `{ a: 1, b: -1 }` is a minus b. */
export type Weights = Readonly<Record<string, number>>;

const find = (settings: readonly MeasuredSetting[], name: string): MeasuredSetting => {
  const found = settings.find((setting) => setting.name === name);
  if (found === undefined) throw new Error(`no setting ${JSON.stringify(name)} among ${settings.map((one) => one.name).join(", ")}`);
  return found;
};

/**
 * A weighted sum of the means of settings, and its standard error from the deviation between seeds, pooled over these settings:
 *
 *     value = sum_s w_s mean_s,   error = s sqrt(sum_s w_s^2 / n_s),   s^2 = sum_s (n_s - 1) std_s^2 / sum_s (n_s - 1)
 *
 * with s at least the statistic's `quietest`: three seeds that happen to agree prove little.
 */
export const contrastOf = (settings: readonly MeasuredSetting[], statistic: Statistic, weights: Weights): Contrast => {
  const parts = Object.entries(weights).map(([name, weight]) => {
    const values = find(settings, name).cells.map(statistic.of);
    return { weight, count: values.length, ...spreadOf(values) };
  });
  const value = parts.reduce((sum, { weight, mean }) => sum + weight * mean, 0);
  if (parts.some(({ count }) => count < 2)) return { value, error: undefined };
  const freedom = parts.reduce((sum, { count }) => sum + count - 1, 0);
  const variance = parts.reduce((sum, { count, std }) => sum + (count - 1) * std ** 2, 0) / freedom;
  const deviation = Math.max(Math.sqrt(variance), statistic.quietest);
  return { value, error: deviation * Math.sqrt(parts.reduce((sum, { weight, count }) => sum + weight ** 2 / count, 0)) };
};

/** A contrast in words: `+0.8 ± 0.3 points`. */
export const contrastText = ({ value, error }: Contrast, { text, unit }: Statistic): string => {
  if (Number.isNaN(value)) return "no number in some run";
  const sign = value < 0 ? "−" : "+";
  return `${sign}${text(Math.abs(value))} ${error === undefined ? "(one seed) " : `± ${text(error)} `}${unit}`;
};

const verdictOf = ({ value, error }: Contrast, least: number): Verdict => {
  if (error === undefined) return "unclear";
  if (value - 2 * error > 0) return "yes";
  return value + 2 * error < least ? "no" : "unclear";
};

/** Whether a contrast is above zero: yes by more than two standard errors, no when two standard errors on top leave it below `least`. */
export const isAbove = (settings: readonly MeasuredSetting[], statistic: Statistic, weights: Weights): Judgement => {
  const contrast = contrastOf(settings, statistic, weights);
  return { verdict: verdictOf(contrast, statistic.least), measured: contrastText(contrast, statistic) };
};

/** Whether a contrast lies within a margin about zero, two standard errors included; no when it lies outside by as much. */
export const isWithin = (settings: readonly MeasuredSetting[], statistic: Statistic, weights: Weights, margin: number): Judgement => {
  const contrast = contrastOf(settings, statistic, weights);
  const measured = contrastText(contrast, statistic);
  const { value, error } = contrast;
  if (error === undefined) return { verdict: "unclear", measured };
  if (Math.abs(value) + 2 * error < margin) return { verdict: "yes", measured };
  return { verdict: Math.abs(value) - 2 * error > margin ? "no" : "unclear", measured };
};

/** Yes when all are, no when one is, else unclear. */
export const all = (verdicts: readonly Verdict[]): Verdict => {
  if (verdicts.includes("no")) return "no";
  return verdicts.every((verdict) => verdict === "yes") ? "yes" : "unclear";
};
