import { constants } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { fileError, type UserError } from "@twinview/config";
import type { MetricRecord } from "./metric-record.ts";
import { linesOf, recordIn } from "./metrics-reader.ts";
import { jsonText } from "./write-json.ts";

/** Options of {@link openMetrics}. */
export interface MetricsOptions {
  /** The step that runs next: what an earlier part of the run recorded from this step on is dropped, for it comes again. */
  readonly keepThroughStep: number;
  /** Told once, when writing fails for the first time. */
  readonly onFailure: (error: UserError) => void;
}

/** The metrics file of a run that goes on. Nothing here throws: what cannot be recorded must not stop what is recorded. */
export interface Metrics {
  /** Records; written within a second or with the next record after it. */
  readonly append: (record: MetricRecord) => void;
  /** Resolves when all that was recorded is in the file, or could not be written. */
  readonly flush: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const bufferBytes = 2 ** 16;
const bufferMs = 1000;
/** What is kept for later while the file cannot be written. */
const waitingBytes = 2 ** 25;

const isMissing = (error: unknown): boolean => (error as { readonly code?: unknown } | null)?.code === "ENOENT";

const isKept = (line: string, keepThroughStep: number): boolean => {
  const record = recordIn(line);
  return record !== undefined && (record.kind === "baseline" || record.step < keepThroughStep);
};

/** Cuts a file back to what belongs before a step, by way of a temporary file; gives its length in bytes. */
const cutBack = async (path: string, keepThroughStep: number): Promise<number> => {
  const partial = `${path}.partial`;
  const file = await open(partial, "w");
  try {
    let bytes = 0;
    try {
      for await (const line of linesOf(path)) {
        if (!isKept(line, keepThroughStep)) continue;
        bytes += (await file.write(`${line}\n`)).bytesWritten;
      }
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    await file.sync();
    if (bytes > 0) await rename(partial, path);
    else await Promise.all([rm(path, { force: true }), rm(partial, { force: true })]);
    return bytes;
  } finally {
    await file.close();
  }
};

/** Writes at the end of what is known to be good: the torn end of a write that failed is overwritten. Gives the new length. */
const writeAt = async (path: string, good: number, content: string): Promise<number> => {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o666);
  try {
    const { size } = await file.stat();
    const from = Math.min(size, good); // less when somebody emptied or removed the file
    if (size > from) await file.truncate(from);
    const bytes = Buffer.from(content);
    for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at, bytes.length - at, from + at)).bytesWritten;
    return from + bytes.length;
  } finally {
    await file.close();
  }
};

/**
 * Opens the metrics file of a run, JSON lines. Records are buffered and written in order beside the training. When writing fails
 * (disk full, folder gone) `onFailure` hears of it once, the records wait, and every later write tries again with all of them;
 * of more than 32 MB that wait the oldest are given up.
 */
export const openMetrics = (path: string, { keepThroughStep, onFailure }: MetricsOptions): Metrics => {
  let waiting: string[] = [];
  let bytes = 0;
  let good: number | undefined; // length of the file that is known to be whole lines; undefined until it was cut back
  let told = false;
  let writtenAt = performance.now();
  let writing: Promise<void> = Promise.resolve();

  const writeWaiting = async (): Promise<void> => {
    const lines = waiting;
    const length = bytes;
    waiting = [];
    bytes = 0;
    writtenAt = performance.now();
    try {
      good ??= await cutBack(path, keepThroughStep);
      if (lines.length > 0) good = await writeAt(path, good, lines.join(""));
    } catch (error) {
      waiting = [...lines, ...waiting];
      bytes += length;
      while (bytes > waitingBytes) bytes -= (waiting.shift() as string).length;
      if (told) return;
      told = true;
      onFailure(fileError(error, path, "write metrics, training goes on"));
    }
  };

  const flush = (): Promise<void> => {
    writing = writing.then(writeWaiting);
    return writing;
  };

  return {
    append: (record) => {
      const line = `${jsonText(record)}\n`;
      waiting.push(line);
      bytes += line.length;
      if (bytes >= bufferBytes || performance.now() - writtenAt >= bufferMs) void flush();
    },
    flush,
    close: flush,
  };
};
