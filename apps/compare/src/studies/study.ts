import type { Markup } from "@twinview/report";
import type { App } from "@twinview/train";
import type { MeasuredSetting } from "./measured-cell.ts";
import type { TransferPlan } from "./transfer.ts";

/** What a rule says: the paper's finding shows here, it does not, or the measurement cannot tell. */
export type Verdict = "yes" | "no" | "unclear";

/** A claim held against what was measured. */
export interface Judgement {
  readonly verdict: Verdict;
  /** The numbers behind the verdict, as a text: `+0.8 ± 0.3 points`. */
  readonly measured: string;
}

/** One finding of the paper as a rule that was fixed before anything was run. */
export interface Claim {
  /** The rule in words. */
  readonly says: string;
  readonly judge: (settings: readonly MeasuredSetting[]) => Judgement;
}

/** One row of a study: a run that is made with several seeds. */
export interface Setting {
  readonly name: string;
  readonly app: App;
  readonly backbone: string;
  readonly batch: number;
  /** Length as a multiple of the study's. */
  readonly times: number;
  /** Share of the run that warms up; the preset's tenth when absent. */
  readonly warmup?: number;
  /** Overrides of the configuration, as `path=value`. */
  readonly set: readonly string[];
  /** The paper's number for it: linear-probe top-1 on ImageNet, in percent. Absent where it has none. */
  readonly paper?: number;
}

/** What the paper did and found, in this project's words. */
export interface Paper {
  readonly did: string;
  readonly found: string;
  /** Section, figure and table. */
  readonly where: string;
}

/** One study of the paper as something to run. */
export interface Study {
  readonly id: string;
  readonly title: string;
  readonly paper: Paper;
  readonly settings: readonly Setting[];
  readonly seeds: number;
  /** Training images that a cell of length 1 sees. */
  readonly images: number;
  /** Where its encoders are fine-tuned, if the study is about that. */
  readonly transfer?: TransferPlan;
  /** Which number decides. */
  readonly statistic: string;
  /** All of them have to hold for the study to count as reproduced. */
  readonly claims: readonly Claim[];
  /** Judged and reported, without a say in the result. */
  readonly besides?: readonly Claim[];
  /** How this differs from what the paper did. */
  readonly notes: readonly string[];
  /** What was measured, drawn like the paper's figure. */
  readonly figures: (settings: readonly MeasuredSetting[]) => readonly Markup[];
}
