import type { StepConfig } from "./step-flops.ts";

/** A training step of ours, open and ready to run. It lives on the main thread of a process of its own. */
export interface OpenStep {
  /**
   * Runs `count` whole steps, each on another batch of bytes [B, S, S, 3] for both views, and resolves when the last one is done:
   * normalisation, target update before its keys, both losses, gradients, AdamW with decay everywhere, and the loss read back.
   * Resolves to the last loss.
   */
  readonly run: (count: number) => Promise<number>;
  readonly close: () => Promise<void>;
  /** Needed only when the work is done by a further process: its largest resident size in bytes. */
  readonly peakRssBytes?: () => number;
}

/** Builds the step for a case with that many compute threads. */
export type OurStep = (config: StepConfig, threads: number) => Promise<OpenStep>;

/** Our side of the step cases; while it is undefined they measure the peer alone. */
export const ourStep: OurStep | undefined = undefined;
