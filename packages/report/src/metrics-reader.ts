import { linesOf } from "./metric-lines.ts";
import type { MetricRecord } from "./metric-record.ts";

const isNumber = (value: unknown): value is number => typeof value === "number";
const isText = (value: unknown): value is string => typeof value === "string";
const isNumbers = (value: unknown): value is Readonly<Record<string, number>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(isNumber);

const isEncoder = (value: unknown): boolean => value === "online" || value === "target";
const isSpike = (value: unknown): boolean => {
  const spike = value as { readonly step?: unknown; readonly layer?: unknown; readonly ratio?: unknown } | undefined;
  return typeof spike === "object" && isNumber(spike.step) && typeof spike.layer === "string" && isNumber(spike.ratio);
};

const spoken: ReadonlyMap<unknown, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

/** Whether a line may hold one of those texts; asking first spares nearly all lines the slow way of reading. */
const speaks = (line: string): boolean => line.includes('"NaN"') || line.includes('Infinity"');

const fieldsOf: Readonly<Record<string, Readonly<Record<string, (value: unknown) => boolean>>>> = {
  step: {
    step: isNumber,
    epoch: isNumber,
    loss: isNumber,
    hyper: isNumbers,
    gradientNorm: isNumber,
    gradientNorms: isNumbers,
    embeddingStd: isNumber,
    monitors: (value) => value === undefined || isNumbers(value),
    updateRatios: (value) => value === undefined || isNumbers(value),
    activations: (value) => value === undefined || isNumbers(value),
    imagesPerSecond: isNumber,
    waitShare: isNumber,
  },
  knn: { step: isNumber, epoch: isNumber, encoder: isEncoder, top1: isNumbers },
  quality: {
    step: isNumber,
    epoch: isNumber,
    encoder: isEncoder,
    embeddingStd: isNumber,
    rankMe: isNumber,
    alignment: isNumber,
    uniformity: isNumber,
  },
  spike: {
    step: isNumber,
    layer: isText,
    ratio: isNumber,
    z: (value) => value === undefined || isNumber(value),
  },
  dip: { step: isNumber, since: isNumber, from: isNumber, to: isNumber, spike: (value) => value === null || isSpike(value) },
  collapse: { step: isNumber, since: isNumber, metric: isText, value: isNumber, floor: isNumber },
  recovery: { step: isNumber, since: isNumber, metric: isText, value: isNumber },
  "non-finite": {
    step: isNumber,
    tensors: (value) => Array.isArray(value) && value.every(isText),
    action: (value) => value === undefined || value === "stop" || value === "skip" || value === "roll-back",
    from: (value) => value === undefined || isNumber(value),
  },
  baseline: { raw: (value) => value === null || isNumbers(value), random: (value) => value === null || isNumbers(value) },
};

/** A line as a record; undefined when it is none (torn, or of a kind that this version does not know). */
export const recordIn = (line: string): MetricRecord | undefined => {
  try {
    const value: unknown = JSON.parse(line, speaks(line) ? (_key, v: unknown) => spoken.get(v) ?? v : undefined);
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
    for await (const { text, whole } of linesOf(path)) {
      const record = whole ? recordIn(text) : undefined;
      if (record !== undefined) records.push(record);
    }
  } catch {
    return records;
  }
  return records;
};
