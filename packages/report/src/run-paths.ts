import { join } from "node:path";

/** The files that a run folder holds beside its checkpoints. */
export interface RunPaths {
  /** The configuration, whole. */
  readonly config: string;
  /** Versions and hardware. */
  readonly env: string;
  /** A record per step, JSON lines. */
  readonly metrics: string;
  /** Notes and warnings in order, JSON lines. */
  readonly events: string;
  /** The result, for programs. */
  readonly summary: string;
  /** The result, for people. */
  readonly report: string;
}

/** Where things lie in a run folder. */
export const runPaths = (runDir: string): RunPaths => ({
  config: join(runDir, "config.json"),
  env: join(runDir, "env.json"),
  metrics: join(runDir, "metrics.jsonl"),
  events: join(runDir, "events.jsonl"),
  summary: join(runDir, "summary.json"),
  report: join(runDir, "report.html"),
});
