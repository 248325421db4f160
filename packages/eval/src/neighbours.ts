import { type HostArray, hostArray, l2Normalize, matMul, topK } from "@twinview/core";
import type { Engine, Program, Session } from "@twinview/engine";

/** Rows of numbers: features of images, `[rows, width]`. */
export interface Rows {
  readonly rows: number;
  readonly width: number;
  readonly data: Float32Array;
}

/** The k nearest rows of a bank for each query, nearest first. */
export interface Neighbours {
  readonly queries: number;
  readonly k: number;
  /** `[queries, k]` */
  readonly indices: Int32Array;
  /** Cosine similarity, `[queries, k]`. */
  readonly similarities: Float32Array;
}

/** Cosine similarities of a block of queries with a block of the bank, and the best k of them. */
const blockProgram = (queries: number, bank: number, width: number, k: number): Program => ({
  inputs: { queries: { shape: [queries, width], dtype: "float32" }, bank: { shape: [bank, width], dtype: "float32" } },
  run: ({ inputs }) => {
    const { queries: q, bank: b } = inputs as { queries: never; bank: never };
    const similarities = matMul(l2Normalize(q), l2Normalize(b), { transposeB: true });
    const { values, indices } = topK(similarities, k);
    return { outputs: { values, indices } };
  },
});

/** Rows `[start, start + count)`, filled up with zeros to `count`. */
const block = ({ rows, width, data }: Rows, start: number, count: number): HostArray => {
  const have = Math.min(count, rows - start);
  if (have === count) return hostArray(data.subarray(start * width, (start + count) * width), [count, width]);
  const padded = new Float32Array(count * width);
  padded.set(data.subarray(start * width, (start + have) * width));
  return hostArray(padded, [count, width]);
};

interface Best {
  readonly similarities: Float32Array;
  readonly indices: Int32Array;
}

/** Merges a block's falling list of one query into its best so far. */
const merge = (
  best: Best,
  at: number,
  k: number,
  values: ArrayLike<number>,
  places: ArrayLike<number>,
  from: number,
  count: number,
  offset: number,
  limit: number,
): void => {
  const oldValues = best.similarities.slice(at, at + k);
  const oldPlaces = best.indices.slice(at, at + k);
  let left = 0;
  let right = 0;
  for (let out = 0; out < k; out++) {
    while (right < count && offset + (places[from + right] as number) >= limit) right++; // rows that only fill the last block up
    const takeNew = right < count && (values[from + right] as number) > (oldValues[left] as number);
    best.similarities[at + out] = takeNew ? (values[from + right] as number) : (oldValues[left] as number);
    best.indices[at + out] = takeNew ? offset + (places[from + right] as number) : (oldPlaces[left] as number);
    if (takeNew) right++;
    else left++;
  }
};

const search = async (
  session: Session<"block">,
  bank: Rows,
  queries: Rows,
  sizes: { readonly q: number; readonly b: number; readonly k: number },
  best: Best,
): Promise<void> => {
  for (let q = 0; q < queries.rows; q += sizes.q) {
    const queryBlock = block(queries, q, sizes.q);
    for (let b = 0; b < bank.rows; b += sizes.b) {
      const { outputs } = await session.run("block", { queries: queryBlock, bank: block(bank, b, sizes.b) });
      const [values, indices] = [outputs.values?.data as Float32Array, outputs.indices?.data as Int32Array];
      const count = Math.min(sizes.q, queries.rows - q);
      const found = values.length / sizes.q;
      for (let row = 0; row < count; row++) merge(best, (q + row) * sizes.k, sizes.k, values, indices, row * found, found, b, bank.rows);
    }
  }
};

/**
 * The k nearest rows of `bank` by cosine similarity for each row of `queries`, by blocked matrix products on an engine. Memory
 * stays bounded whatever the sizes. `k` is cut to the size of the bank.
 */
export const nearestNeighbours = async (options: {
  readonly engine: Engine;
  readonly bank: Rows;
  readonly queries: Rows;
  readonly k: number;
  readonly threads?: number;
}): Promise<Neighbours> => {
  const { engine, bank, queries, threads } = options;
  const k = Math.min(options.k, bank.rows);
  const sizes = { q: Math.min(500, queries.rows), b: Math.min(10_000, bank.rows), k };
  const best = { similarities: new Float32Array(queries.rows * k).fill(-2), indices: new Int32Array(queries.rows * k) };
  const programs = { block: blockProgram(sizes.q, sizes.b, bank.width, Math.min(k, sizes.b)) };
  const session = await engine.open({ state: null, programs, ...(threads === undefined ? {} : { threads }) });
  try {
    await search(session, bank, queries, sizes, best);
  } finally {
    await session.close();
  }
  return { queries: queries.rows, k, ...best };
};
