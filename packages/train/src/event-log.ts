import { openMetrics } from "@twinview/report";
import type { RunEvent } from "./events.ts";

/** Kinds of events that are kept: what one wants to read afterwards. The steps themselves are in metrics.jsonl. */
const kept: ReadonlySet<RunEvent["kind"]> = new Set([
  "note",
  "warning",
  "spike",
  "dip",
  "collapse",
  "recovery",
  "non-finite",
  "checkpoint",
  "done",
]);

/** The event log of a run: JSON lines with the time of each event, over all parts of a run that was interrupted. */
export interface EventLog {
  readonly write: (event: RunEvent) => void;
  readonly close: () => Promise<void>;
}

/** Opens events.jsonl; when it cannot be written, the run goes on and `onFailure` hears of it once. */
export const openEventLog = (path: string, onFailure: (text: string) => void): EventLog => {
  const lines = openMetrics<RunEvent & { readonly at: string }>(path, {
    keepThroughStep: Number.POSITIVE_INFINITY,
    onFailure: (error) => onFailure(error.what),
  });
  return {
    write: (event) => {
      if (!kept.has(event.kind)) return;
      lines.append({ at: new Date().toISOString(), ...event });
    },
    close: lines.close,
  };
};
