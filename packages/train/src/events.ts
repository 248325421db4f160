import type { Summary } from "@twinview/report";
import type { Top1 } from "./monitor.ts";
import type { Progress } from "./progress-line.ts";

/** What a run tells whoever watches it, in order. */
export type RunEvent =
  | { readonly kind: "note"; readonly text: string }
  | { readonly kind: "warning"; readonly text: string }
  | { readonly kind: "baseline"; readonly raw: Top1 | null; readonly random: Top1 | null }
  | ({ readonly kind: "step" } & Progress)
  | { readonly kind: "knn"; readonly step: number; readonly epoch: number; readonly encoder: "online" | "target"; readonly top1: Top1 }
  | { readonly kind: "checkpoint"; readonly step: number; readonly path: string; readonly seconds: number }
  | { readonly kind: "done"; readonly summary: Summary; readonly runDir: string };
