import * as core from "@twinview/core";
import { drawn, operationChecks, type Slow } from "@twinview/testkit";
import { describe, expect, it } from "vitest";
import { average, logSoftmax, rowsOf, scalar } from "./slow-losses.test.kit.ts";
import { swappedPrediction } from "./swapped-prediction.ts";

const { checkOperation } = operationChecks<core.Tensor>(core as never);

/** Pair by pair, row by row, as the equations are written. */
const slowSwapped = (scores: readonly Slow[], codes: readonly Slow[], tau: number): Slow => {
  const entropy = (x: Slow, q: Slow): number => {
    const targets = rowsOf(q);
    return average(
      rowsOf(x).map((row, b) => {
        const logs = logSoftmax(row.map((score) => score / tau));
        return -logs.reduce((sum, log, k) => sum + log * ((targets[b] as number[])[k] as number), 0);
      }),
    );
  };
  return scalar(average(codes.map((q, a) => average(scores.filter((_, v) => v !== a).map((x) => entropy(x, q))))));
};

/** Rows of positive numbers with sum 1. */
const codesOf = (rows: number, width: number, seed: number): Slow => {
  const raw = drawn([rows, width], { seed, low: 0, high: 1 });
  const data = rowsOf(raw).flatMap((row) => row.map((value) => value / row.reduce((a, b) => a + b, 0)));
  return { shape: raw.shape, data: Float64Array.from(data) };
};

const names = ["a", "b", "c", "d", "e"] as const;

describe("swappedPrediction", () => {
  for (const [crops, assigning] of [
    [2, 2],
    [5, 2],
    [3, 1],
    [3, 3],
  ] as const) {
    for (const tau of [0.1, 0.05]) {
      it(`equals the slow twin for ${crops} crops, ${assigning} of them with codes, tau ${tau}`, () => {
        const used = names.slice(0, crops);
        const inputs = Object.fromEntries(used.map((name, i) => [name, drawn([4, 6], { seed: i + 1 })])) as Record<string, Slow>;
        const codes = Array.from({ length: assigning }, (_, a) => codesOf(4, 6, 20 + a));
        const asTensor = ({ data, shape }: Slow): core.Tensor => core.constant(Array.from(data), shape);
        checkOperation({
          inputs,
          f: (x) => swappedPrediction({ scores: used.map((name) => x[name] as core.Tensor), codes: codes.map(asTensor), tau }),
          slow: (x) =>
            slowSwapped(
              used.map((name) => x[name] as Slow),
              codes,
              tau,
            ),
          value: { relative: 3e-6 },
        });
      });
    }
  }

  it("is log K when nothing is preferred", () => {
    const flat = core.full([3, 7], 0.4);
    const codes = core.full([3, 7], 1 / 7);
    const { loss } = core.evaluate(() => ({ loss: swappedPrediction({ scores: [flat, flat], codes: [codes, codes], tau: 0.1 }) })) as {
      loss: core.HostArray;
    };
    expect(loss.data[0]).toBeCloseTo(Math.log(7), 5);
  });

  it("refuses one crop, more codes than crops, and shapes that differ", () => {
    const x = core.full([2, 3], 0);
    const y = core.full([2, 4], 0);
    expect(() => swappedPrediction({ scores: [x], codes: [x], tau: 0.1 })).toThrow("scores.length is 1, expected at least two crops");
    expect(() => swappedPrediction({ scores: [x, x], codes: [x, x, x], tau: 0.1 })).toThrow(
      "codes.length is 3, expected 1 to 2, one for each of the first crops",
    );
    expect(() => swappedPrediction({ scores: [x, y], codes: [x], tau: 0.1 })).toThrow("scores[1] has shape [2, 4], expected [2, 3]");
    expect(() => swappedPrediction({ scores: [x, x], codes: [y], tau: 0.1 })).toThrow("codes[0] has shape [2, 4], expected [2, 3]");
  });
});
