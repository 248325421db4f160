/** Rows of embeddings as plain numbers. */
export type Rows = readonly (readonly number[])[];

const sum = (values: readonly number[]): number => values.reduce((total, x) => total + x, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const dot = (a: readonly number[], b: readonly number[]): number => sum(a.map((x, i) => x * (b[i] as number)));
const distance2 = (a: readonly number[], b: readonly number[]): number => sum(a.map((x, i) => (x - (b[i] as number)) ** 2));
const column = (rows: Rows, j: number): readonly number[] => rows.map((row) => row[j] as number);

/** Rows of length 1. */
export const unitRows = (rows: Rows): Rows => rows.map((row) => row.map((x) => x / Math.sqrt(dot(row, row))));

/** The collapse monitors of two views by loops: variances column by column, distances pair by pair, the covariance entry by entry. */
export const slowCollapseMetrics = (first: Rows, second: Rows): Readonly<Record<string, number>> => {
  const [a, b] = [unitRows(first), unitRows(second)];
  const columns = (a[0] ?? []).map((_, j) => column(a, j));
  const centred = columns.map((values) => values.map((x) => x - mean(values)));
  const covariance = centred.map((x) => centred.map((y) => dot(x, y) / a.length));
  const trace = sum(covariance.map((row, i) => row[i] as number));
  const pairs = a.flatMap((x, i) => a.slice(i + 1).map((y) => Math.exp(-2 * distance2(x, y))));
  return {
    embeddingStd: Math.sqrt(columns.length) * mean(centred.map((values) => Math.sqrt(mean(values.map((x) => x * x))))),
    effectiveRank: trace ** 2 / sum(covariance.flat().map((x) => x * x)),
    alignment: mean(a.map((x, i) => distance2(x, b[i] as readonly number[]))),
    uniformity: Math.log(mean(pairs)),
  };
};

const entropy = (p: readonly number[]): number => -sum(p.map((x) => (x > 0 ? x * Math.log(x) : 0)));

/** How unit-length embeddings use prototypes (one a column of `w`): entropies of the mean assignment, and the mean of entropies. */
export const slowPrototypeUse = (embeddings: Rows, w: Rows, tau: number): Readonly<Record<string, number>> => {
  const count = w[0]?.length ?? 0;
  const assignments = unitRows(embeddings).map((z) => {
    const scores = Array.from({ length: count }, (_, k) => Math.exp(dot(z, column(w, k)) / tau));
    return scores.map((score) => score / sum(scores));
  });
  const used = Array.from({ length: count }, (_, k) => mean(column(assignments, k)));
  return {
    prototypeEntropy: entropy(used) / Math.log(count),
    assignmentEntropy: mean(assignments.map(entropy)) / Math.log(count),
  };
};
