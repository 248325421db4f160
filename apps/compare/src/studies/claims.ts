import { all, isAbove, isWithin, type Weights } from "./contrast.ts";
import type { MeasuredSetting } from "./measured-cell.ts";
import { accuracy, type Statistic } from "./statistics.ts";
import type { Claim, Study, Verdict } from "./study.ts";

const leastText = ({ least, text, unit }: Statistic): string => `${text(least)} ${unit}`;

/** The words that all claims about a difference share. */
const terms = (statistic: Statistic): string =>
  `yes: by more than two standard errors over seeds; no: two standard errors on top still leave less than ${leastText(statistic)}`;

/** One setting has more of a statistic than another. */
export const more = (statistic: Statistic, a: string, b: string): Claim => ({
  says: `${statistic.name}: ${a} above ${b} (${terms(statistic)})`,
  judge: (settings) => isAbove(settings, statistic, { [a]: 1, [b]: -1 }),
});

/** One setting is more accurate than another. */
export const better = (a: string, b: string): Claim => more(accuracy, a, b);

/** A weighted sum of settings is above zero. */
export const contrast = (statistic: Statistic, what: string, weights: Weights): Claim => ({
  says: `${what} (${terms(statistic)})`,
  judge: (settings) => isAbove(settings, statistic, weights),
});

/** Two settings are as accurate as each other, to a margin in 0..1. */
export const equal = (a: string, b: string, margin: number): Claim => ({
  says: `${accuracy.name}: ${a} and ${b} within ${accuracy.text(margin)} points, two standard errors included (no: farther apart even with two standard errors taken off)`,
  judge: (settings) => isWithin(settings, accuracy, { [a]: 1, [b]: -1 }, margin),
});

/** One setting is more accurate than each of the others. */
export const best = (a: string, others: readonly string[]): Claim => ({
  says: `${accuracy.name}: ${a} above each of ${others.join(", ")} (${terms(accuracy)})`,
  judge: (settings) => {
    const judged = others.map((b) => ({ b, ...isAbove(settings, accuracy, { [a]: 1, [b]: -1 }) }));
    return { verdict: all(judged.map((one) => one.verdict)), measured: judged.map((one) => `${one.measured} over ${one.b}`).join("; ") };
  },
});

/** The most accurate of the settings is not at an end of their order. */
export const bestInside = (order: readonly string[]): Claim => ({
  says: `${accuracy.name}: some setting between ${order[0]} and ${order.at(-1)} above both (${terms(accuracy)})`,
  judge: (settings) => {
    const inner = order.slice(1, -1);
    const ends = [order[0] as string, order.at(-1) as string];
    const judged = inner.map((a) => {
      const over = ends.map((b) => isAbove(settings, accuracy, { [a]: 1, [b]: -1 }));
      return {
        verdict: all(over.map((one) => one.verdict)),
        measured: `${a}: ${over.map((one, i) => `${one.measured} over ${ends[i]}`).join(", ")}`,
      };
    });
    const verdicts = judged.map((one) => one.verdict);
    const verdict = verdicts.includes("yes") ? "yes" : verdicts.every((one) => one === "no") ? "no" : "unclear";
    return { verdict, measured: judged.map((one) => one.measured).join("; ") };
  },
});

/** Every one of a study's claims held against what was measured, and what follows for the whole. */
export const judge = (
  { claims, besides = [] }: Pick<Study, "claims" | "besides">,
  settings: readonly MeasuredSetting[],
): {
  readonly reproduced: Verdict;
  readonly findings: readonly { readonly rule: string; readonly decides: boolean; readonly verdict: Verdict; readonly measured: string }[];
} => {
  const judged = (list: readonly Claim[], decides: boolean) =>
    list.map((claim) => ({ rule: claim.says, decides, ...claim.judge(settings) }));
  const deciding = judged(claims, true);
  return { reproduced: all(deciding.map(({ verdict }) => verdict)), findings: [...deciding, ...judged(besides, false)] };
};
