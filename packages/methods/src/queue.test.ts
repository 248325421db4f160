import { constant, evaluate, type HostArray, leaves, type Tensor } from "@twinview/core";
import { describe, expect, it } from "vitest";
import { emptyQueue, stepQueue } from "./queue.ts";

/** What the official loop would hold: created at its start, read once its last row is not zero. */
const slowQueue = (length: number) => {
  let rows: number[] | undefined;
  return (batch: readonly number[], on: boolean): { readonly usable: boolean; readonly before: readonly number[] } => {
    if (!on) return { usable: false, before: [] };
    rows ??= new Array<number>(length).fill(0);
    const before = rows;
    rows = [...batch, ...before.slice(0, length - batch.length)];
    return { usable: before.at(-1) !== 0, before };
  };
};

describe("stepQueue", () => {
  for (const length of [2, 6]) {
    it(`holds and offers what the official loop does, for ${length} rows and batches of 2`, () => {
      const twin = slowQueue(length);
      const switches = [0, 0, 1, 1, 1, 1, 1, 1, 1];
      evaluate(() => {
        let queue = emptyQueue({ crops: 2, length, width: 1 });
        const seen: Tensor[] = [];
        const wanted: { usable: boolean; before: readonly number[] }[] = [];
        for (const [step, on] of switches.entries()) {
          const batch = [10 * step + 1, 10 * step + 2];
          wanted.push(twin(batch, on === 1));
          const embeddings = [constant(batch, [2, 1]), constant([-1, -1], [2, 1])];
          const out = stepQueue(queue, embeddings, constant([on], []));
          seen.push(out.full, out.rows[0] as Tensor);
          queue = out.queue;
        }
        const numbers = evaluate(() => Object.fromEntries(seen.map((x, i) => [`x${i}`, x])));
        const arrays = leaves<HostArray>(numbers).map(([, { data }]) => Array.from(data));
        for (const [step, { usable, before }] of wanted.entries()) {
          expect(arrays[2 * step], `full at step ${step}`).toEqual([usable ? 1 : 0]);
          if (usable) expect(arrays[2 * step + 1], `rows at step ${step}`).toEqual(before);
        }
        return null;
      });
    });
  }

  it("starts to count again after it was switched off", () => {
    const full = (switches: readonly number[]): number => {
      const { out } = evaluate(() => {
        let queue = emptyQueue({ crops: 1, length: 4, width: 1 });
        let last: Tensor = constant([0], []);
        for (const on of switches) {
          const step = stepQueue(queue, [constant([1, 1], [2, 1])], constant([on], []));
          [queue, last] = [step.queue, step.full];
        }
        return { out: last };
      }) as { readonly out: HostArray };
      return out.data[0] as number;
    };
    expect(full([1, 1, 1])).toBe(1);
    expect(full([1, 1, 0])).toBe(0);
    expect(full([1, 1, 0, 1, 1])).toBe(0);
    expect(full([1, 1, 0, 1, 1, 1])).toBe(1);
  });

  it("refuses a length that the batch does not divide", () => {
    const queue = emptyQueue({ crops: 1, length: 6, width: 1 });
    expect(() => stepQueue(queue, [constant([1, 2, 3, 4], [4, 1])], constant([1], []))).toThrow(
      "swav: queue is 6, expected a multiple of the batch, 4",
    );
  });
});
