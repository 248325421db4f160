import type {
  BaselineRecord,
  CollapseRecord,
  DipRecord,
  KnnRecord,
  MetricRecord,
  NonFiniteRecord,
  QualityRecord,
  RecoveryRecord,
  SpikeRecord,
  StepRecord,
} from "./metric-record.ts";

/** Numbers that every step records. */
export type StepColumn = "epoch" | "loss" | "gradientNorm" | "embeddingStd" | "imagesPerSecond" | "waitShare";

/** The records of a run by columns, each step once, in order. */
export interface History {
  /** How many steps were done when each record was made: 1 for the first step. */
  readonly steps: readonly number[];
  readonly columns: Readonly<Record<StepColumn, readonly number[]>>;
  readonly hyper: ReadonlyMap<string, readonly number[]>;
  /** What else was measured in each step; NaN where it was not. */
  readonly monitors: ReadonlyMap<string, readonly number[]>;
  /** Norm of each layer's gradient by path; NaN where it was not recorded. */
  readonly layers: ReadonlyMap<string, readonly number[]>;
  readonly knn: readonly KnnRecord[];
  /** Of the online encoder. */
  readonly quality: readonly QualityRecord[];
  readonly baseline: BaselineRecord | undefined;
  readonly spikes: readonly SpikeRecord[];
  readonly dips: readonly DipRecord[];
  /** Collapses and recoveries, in turn. */
  readonly collapses: readonly (CollapseRecord | RecoveryRecord)[];
  /** Steps that were left out, and returns to a checkpoint, in order. */
  readonly nonFinite: readonly NonFiniteRecord[];
  /** How far each step moved each weight matrix, and how far each layer's outputs scatter; NaN where it was not recorded. */
  readonly updateRatios: ReadonlyMap<string, readonly number[]>;
  readonly activations: ReadonlyMap<string, readonly number[]>;
}

/** Records without those that a later record of the same or an earlier step takes the place of: a run that was resumed goes back. */
const lastOfEach = <R extends { readonly step: number }>(records: readonly R[]): readonly R[] => {
  const kept: R[] = [];
  let earliest = Number.POSITIVE_INFINITY;
  for (let i = records.length - 1; i >= 0; i--) {
    const record = records[i] as R;
    if (record.step >= earliest) continue;
    earliest = record.step;
    kept.push(record);
  }
  return kept.reverse();
};

const byName = (rows: readonly Readonly<Record<string, number>>[]): ReadonlyMap<string, readonly number[]> => {
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  return new Map([...names].map((name) => [name, rows.map((row) => (Object.hasOwn(row, name) ? (row[name] as number) : Number.NaN))]));
};

/** The records of a metrics file by columns. */
export const historyOf = (records: readonly MetricRecord[]): History => {
  const steps = lastOfEach(records.filter((record): record is StepRecord => record.kind === "step"));
  const spikes = records.filter((record): record is SpikeRecord => record.kind === "spike");
  const column = (name: StepColumn): readonly number[] => steps.map((record) => record[name]);
  return {
    steps: steps.map((record) => record.step + 1),
    columns: {
      epoch: column("epoch"),
      loss: column("loss"),
      gradientNorm: column("gradientNorm"),
      embeddingStd: column("embeddingStd"),
      imagesPerSecond: column("imagesPerSecond"),
      waitShare: column("waitShare"),
    },
    hyper: byName(steps.map((record) => record.hyper)),
    monitors: byName(steps.map((record) => record.monitors ?? {})),
    layers: byName(steps.map((record) => record.gradientNorms)),
    knn: (["online", "target"] as const).flatMap((encoder) =>
      lastOfEach(records.filter((record): record is KnnRecord => record.kind === "knn" && record.encoder === encoder)),
    ),
    quality: lastOfEach(records.filter((record): record is QualityRecord => record.kind === "quality" && record.encoder === "online")),
    baseline: records.findLast((record): record is BaselineRecord => record.kind === "baseline"),
    dips: lastOfEach(records.filter((record): record is DipRecord => record.kind === "dip")),
    collapses: lastOfEach(
      records.filter((record): record is CollapseRecord | RecoveryRecord => record.kind === "collapse" || record.kind === "recovery"),
    ),
    nonFinite: records.filter((record): record is NonFiniteRecord => record.kind === "non-finite"),
    updateRatios: byName(steps.map((record) => record.updateRatios ?? {})),
    activations: byName(steps.map((record) => record.activations ?? {})),
    spikes: [...new Map(spikes.map((spike) => [`${spike.step} ${spike.layer}`, spike])).values()],
  };
};
