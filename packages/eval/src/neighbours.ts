import { checkOption, type HostArray, type HostTree, hostArray, matMul, type Tensor, topK } from "@twinview/core";
import type { Engine, Program, Session } from "@twinview/engine";
import { checkRows, type Rows, unitRows } from "./rows.ts";

/** The k nearest rows of a bank for each query, nearest first. */
export interface Neighbours {
  readonly queries: number;
  readonly k: number;
  /** `[queries, k]` */
  readonly indices: Int32Array;
  /** Cosine similarity, `[queries, k]`. */
  readonly similarities: Float32Array;
}

/** Similarities that are formed at once: what bounds the memory, 128 MB. */
const similaritiesAtOnce = 2 ** 25;
const mostQueriesAtOnce = 500;

interface Block {
  readonly name: string;
  readonly start: number;
  readonly rows: number;
}

const blocksOf = (rows: number, blockRows: number): readonly Block[] =>
  Array.from({ length: Math.ceil(rows / blockRows) }, (_, i) => {
    const start = i * blockRows;
    return { name: `block${String(i).padStart(4, "0")}`, start, rows: Math.min(blockRows, rows - start) };
  });

/** The best `k` of each block for some queries: one product and one selection a block, the similarities never leave the engine. */
const searchProgram = (queries: number, width: number, blocks: readonly Block[], k: number): Program => ({
  inputs: { queries: { shape: [queries, width], dtype: "float32" } },
  run: ({ state, inputs }) => {
    const bank = state as Readonly<Record<string, Tensor>>;
    const found = blocks.flatMap(({ name, rows }) => {
      const similarities = matMul(inputs.queries as Tensor, bank[name] as Tensor, { transposeB: true }); // [Q, rows]
      const { values, indices } = topK(similarities, Math.min(k, rows));
      return [[`values/${name}`, values] as const, [`indices/${name}`, indices] as const];
    });
    return { outputs: Object.fromEntries(found) };
  },
});

/** Rows `[start, start + count)`, filled up with zeros to `count`. */
const padded = ({ rows, width, data }: Rows, start: number, count: number): HostArray => {
  const have = Math.min(count, rows - start);
  if (have === count) return hostArray(data.subarray(start * width, (start + count) * width), [count, width]);
  const filled = new Float32Array(count * width);
  filled.set(data.subarray(start * width, (start + have) * width));
  return hostArray(filled, [count, width]);
};

interface Best {
  readonly similarities: Float32Array;
  readonly indices: Int32Array;
}

/** Merges a block's falling list of one query into its best so far. */
const merge = (best: Best, at: number, k: number, values: ArrayLike<number>, places: ArrayLike<number>, offset: number): void => {
  const oldValues = best.similarities.slice(at, at + k);
  const oldPlaces = best.indices.slice(at, at + k);
  let left = 0;
  let right = 0;
  for (let out = 0; out < k; out++) {
    const takeNew = right < values.length && (values[right] as number) > (oldValues[left] as number);
    best.similarities[at + out] = takeNew ? (values[right] as number) : (oldValues[left] as number);
    best.indices[at + out] = takeNew ? offset + (places[right] as number) : (oldPlaces[left] as number);
    if (takeNew) right++;
    else left++;
  }
};

const search = async (
  session: Session<"search">,
  queries: Rows,
  atOnce: number,
  blocks: readonly Block[],
  k: number,
  best: Best,
): Promise<void> => {
  for (let start = 0; start < queries.rows; start += atOnce) {
    const { outputs } = await session.run("search", { queries: padded(queries, start, atOnce) });
    const count = Math.min(atOnce, queries.rows - start);
    for (const block of blocks) {
      const values = outputs[`values/${block.name}`]?.data as Float32Array;
      const indices = outputs[`indices/${block.name}`]?.data as Int32Array;
      const found = Math.min(k, block.rows);
      for (let row = 0; row < count; row++) {
        const part = <A extends Float32Array | Int32Array>(list: A): A => list.subarray(row * found, (row + 1) * found) as A;
        merge(best, (start + row) * k, k, part(values), part(indices), block.start);
      }
    }
  }
};

/**
 * The k nearest rows of `bank` by cosine similarity for each row of `queries`, by matrix products on an engine: the bank is given to
 * it once, queries follow in batches that bound the memory. `k` is cut to the size of the bank; a row of zeros is at similarity 0 to
 * all.
 * @throws ShapeError if the widths differ, a set is empty, or k is not a whole number above 0.
 */
export const nearestNeighbours = async (options: {
  readonly engine: Engine;
  readonly bank: Rows;
  readonly queries: Rows;
  readonly k: number;
  /** The bank lies in the engine in blocks of this many rows. */
  readonly blockRows?: number;
  readonly threads?: number | undefined;
}): Promise<Neighbours> => {
  const { engine, threads, blockRows = 65_536 } = options;
  checkRows("nearestNeighbours", "bank", options.bank);
  checkRows("nearestNeighbours", "queries", options.queries, options.bank.width);
  checkOption("nearestNeighbours", "bank.rows", options.bank.rows, options.bank.rows > 0, "at least 1");
  checkOption("nearestNeighbours", "k", options.k, Number.isInteger(options.k) && options.k > 0, "a whole number, at least 1");
  const [bank, queries] = [unitRows(options.bank), unitRows(options.queries)];
  const { width } = bank;
  const k = Math.min(options.k, bank.rows);
  const best = { similarities: new Float32Array(queries.rows * k).fill(-2), indices: new Int32Array(queries.rows * k) };
  if (queries.rows === 0) return { queries: 0, k, ...best };
  const atOnce = Math.max(1, Math.min(mostQueriesAtOnce, queries.rows, Math.floor(similaritiesAtOnce / bank.rows)));
  const blocks = blocksOf(bank.rows, blockRows);
  const state: HostTree = Object.fromEntries(
    blocks.map(({ name, start, rows }) => [name, hostArray(bank.data.subarray(start * width, (start + rows) * width), [rows, width])]),
  );
  const programs = { search: searchProgram(atOnce, width, blocks, k) };
  const session = await engine.open({ state, programs, threads });
  try {
    await search(session, queries, atOnce, blocks, k, best);
  } finally {
    await session.close();
  }
  return { queries: queries.rows, k, ...best };
};
