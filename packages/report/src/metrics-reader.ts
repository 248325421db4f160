import { createReadStream } from "node:fs";
import type { MetricRecord } from "./metric-record.ts";

const newline = 0x0a;

/** The complete lines of a file, without their ends: a last line that has no end was torn by a crash and is not one of them. */
export async function* linesOf(path: string): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let from = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, from)) {
      yield bytes.toString("utf8", from, end);
      from = end + 1;
    }
    rest = bytes.subarray(from);
  }
}

const isNumber = (value: unknown): value is number => typeof value === "number";
const isNumbers = (value: unknown): value is Readonly<Record<string, number>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(isNumber);

const spoken: ReadonlyMap<unknown, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

const fieldsOf: Readonly<Record<string, Readonly<Record<string, (value: unknown) => boolean>>>> = {
  step: {
    step: isNumber,
    epoch: isNumber,
    loss: isNumber,
    hyper: isNumbers,
    gradientNorm: isNumber,
    gradientNorms: isNumbers,
    embeddingStd: isNumber,
    imagesPerSecond: isNumber,
    waitShare: isNumber,
  },
  knn: { step: isNumber, epoch: isNumber, encoder: (value) => value === "online" || value === "target", top1: isNumbers },
  baseline: { raw: (value) => value === null || isNumbers(value), random: (value) => value === null || isNumbers(value) },
};

/** A line as a record; undefined when it is none (torn, or of a kind that this version does not know). */
export const recordIn = (line: string): MetricRecord | undefined => {
  try {
    const value: unknown = JSON.parse(line, (_key, v: unknown) => spoken.get(v) ?? v);
    if (typeof value !== "object" || value === null) return undefined;
    const record = value as Readonly<Record<string, unknown>>;
    const fields = typeof record.kind === "string" && Object.hasOwn(fieldsOf, record.kind) ? fieldsOf[record.kind] : undefined;
    if (fields === undefined) return undefined;
    return Object.entries(fields).every(([name, holds]) => holds(record[name])) ? (value as MetricRecord) : undefined;
  } catch {
    return undefined;
  }
};

/**
 * The records of a metrics file in order. A torn last line, left by a crash, is passed over; so are lines of unknown kinds. A
 * file that is missing or cannot be read gives none: a run whose metrics could not be written still gets its report.
 */
export const readMetrics = async (path: string): Promise<readonly MetricRecord[]> => {
  const records: MetricRecord[] = [];
  try {
    for await (const line of linesOf(path)) {
      const record = recordIn(line);
      if (record !== undefined) records.push(record);
    }
  } catch {
    return records;
  }
  return records;
};
