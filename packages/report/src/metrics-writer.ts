import { constants } from "node:fs";
import { open, truncate } from "node:fs/promises";
import { fileError, type UserError } from "@twinview/config";
import { linesOf } from "./metric-lines.ts";
import type { MetricRecord } from "./metric-record.ts";
import { jsonText } from "./write-json.ts";

/** Options of {@link openMetrics}. */
export interface MetricsOptions {
  /** The step that runs next: what an earlier part of the run recorded from this step on is dropped, for it comes again; -Infinity drops all. */
  readonly keepThroughStep: number;
  /** Told once, when writing fails for the first time. */
  readonly onFailure: (error: UserError) => void;
}

/** The metrics file of a run that goes on. Nothing here throws: what cannot be recorded must not stop what is recorded. */
export interface Metrics<R extends object = MetricRecord> {
  /** Records; written within a second or with the next record after it. */
  readonly append: (record: R) => void;
  /** Resolves when all that was recorded has reached the medium, or could not be written. */
  readonly flush: () => Promise<void>;
  /** Writes what waits; nothing may be recorded after it. */
  readonly close: () => Promise<void>;
}

/** Characters and time after which records are written. */
const bufferLength = 2 ** 16;
const bufferMs = 1000;
/** Characters that are kept for later while the file cannot be written. */
const waitingLength = 2 ** 25;

const stepOf = (line: string): number => {
  try {
    const step = (JSON.parse(line) as { readonly step?: unknown } | null)?.step;
    return typeof step === "number" ? step : Number.NEGATIVE_INFINITY;
  } catch {
    return Number.NEGATIVE_INFINITY;
  }
};

/** Cuts a file off before the first record of a step from `keepThroughStep` on, or before a torn last line; gives its length in bytes. */
const cutBack = async (path: string, keepThroughStep: number): Promise<number> => {
  let length = 0;
  try {
    for await (const { text, start, end, whole } of linesOf(path)) {
      if (!whole || stepOf(text) >= keepThroughStep) {
        await truncate(path, start);
        return start;
      }
      length = end;
    }
  } catch (error) {
    if ((error as { readonly code?: unknown } | null)?.code !== "ENOENT") throw error;
  }
  return length;
};

/** Writes at the end of what is known to be good: the torn end of a write that failed is overwritten. Gives the new length. */
const writeAt = async (path: string, good: number, content: string, sync: boolean): Promise<number> => {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o666);
  try {
    const { size } = await file.stat();
    const from = Math.min(size, good); // less when somebody emptied or removed the file
    if (size > from) await file.truncate(from);
    const bytes = Buffer.from(content);
    for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at, bytes.length - at, from + at)).bytesWritten;
    if (sync) await file.datasync();
    return from + bytes.length;
  } finally {
    await file.close();
  }
};

/** Lines without as many of the oldest as it takes to stay below a number of characters. */
const newest = (lines: readonly string[], most: number): string[] => {
  let kept = 0;
  let from = lines.length;
  while (from > 0 && kept + (lines[from - 1] as string).length <= most) kept += (lines[--from] as string).length;
  return lines.slice(from);
};

/**
 * Opens the metrics file of a run, JSON lines, or another file of such lines. Records are buffered and written in order beside the training. When writing fails
 * (disk full, folder gone) `onFailure` hears of it once, the records wait, and later writes try again with all of them; of more
 * than 32 MB that wait the oldest are given up.
 */
export const openMetrics = <R extends object = MetricRecord>(path: string, { keepThroughStep, onFailure }: MetricsOptions): Metrics<R> => {
  let waiting: string[] = [];
  let length = 0; // characters that wait
  let good: number | undefined; // bytes of the file that are known to be whole lines; undefined until it was cut back
  let failing = false;
  let told = false;
  let triedAt = performance.now();
  let writing: Promise<void> = Promise.resolve();

  const tell = (error: unknown): void => {
    if (told) return;
    told = true;
    onFailure(fileError(error, path, "write the metrics, training goes on without them"));
  };

  const write = async (sync: boolean): Promise<void> => {
    const lines = waiting;
    waiting = [];
    length = 0;
    triedAt = performance.now();
    try {
      good ??= await cutBack(path, keepThroughStep);
      if (lines.length > 0) good = await writeAt(path, good, lines.join(""), sync);
      failing = false;
    } catch (error) {
      failing = true;
      waiting = newest([...lines, ...waiting], waitingLength);
      length = waiting.reduce((sum, line) => sum + line.length, 0);
      tell(error);
    }
  };

  const enqueue = (sync: boolean): Promise<void> => {
    writing = writing.then(() => write(sync));
    return writing;
  };

  void enqueue(false); // what is to be dropped is gone before the first record comes
  return {
    append: (record) => {
      const line = `${jsonText(record)}\n`;
      waiting.push(line);
      length += line.length;
      if ((length >= bufferLength && !failing) || performance.now() - triedAt >= bufferMs) void enqueue(false);
    },
    flush: () => enqueue(true),
    close: () => enqueue(true),
  };
};
