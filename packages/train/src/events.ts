import type { CollapseRecord, DipRecord, NonFiniteRecord, RecoveryRecord, Summary } from "@twinview/report";
import type { Top1 } from "./monitor.ts";
import type { Progress } from "./progress-line.ts";

/** What a run tells whoever watches it, in order. */
export type RunEvent =
  | { readonly kind: "note"; readonly text: string }
  | { readonly kind: "warning"; readonly text: string }
  | { readonly kind: "baseline"; readonly raw: Top1 | null; readonly random: Top1 | null }
  | ({ readonly kind: "step" } & Progress)
  | { readonly kind: "knn"; readonly step: number; readonly epoch: number; readonly encoder: "online" | "target"; readonly top1: Top1 }
  /** Gradients leapt: the layer that did most, how many did, and whether that goes on from the steps before. */
  | {
      readonly kind: "spike";
      readonly step: number;
      readonly layer: string;
      readonly ratio: number;
      readonly z: number;
      readonly layers: number;
      readonly goesOn: boolean;
    }
  | DipRecord
  | CollapseRecord
  | RecoveryRecord
  /** A step was not taken because some of its numbers were not finite; where it was recorded, if it was. */
  | (NonFiniteRecord & { readonly flight: string | null })
  | { readonly kind: "checkpoint"; readonly step: number; readonly path: string; readonly seconds: number }
  | { readonly kind: "done"; readonly summary: Summary; readonly runDir: string };
