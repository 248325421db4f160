import { expectClose } from "@twinview/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { constant, cosine, join, linear, scaledRate, warmupCosine } from "./index.ts";

fc.configureGlobal({ seed: 1 });

const finite = fc.double({ min: -1e3, max: 1e3, noNaN: true });
const lengths = fc.integer({ min: 1, max: 500 });

describe("schedules", () => {
  test("constant is the same everywhere", () => {
    fc.assert(fc.property(finite, fc.nat(), (value, step) => constant(value)(step) === value));
  });

  test.each([
    { name: "linear", schedule: linear },
    { name: "cosine", schedule: cosine },
  ])("$name begins and ends where it is told, stays there, and never turns back", ({ schedule }) => {
    fc.assert(
      fc.property(finite, finite, lengths, fc.nat({ max: 500 }), (from, to, steps, later) => {
        const at = schedule({ from, to, steps });
        expectClose(at(0), from, { relative: 1e-12, absolute: 1e-9 });
        expect(at(steps)).toBe(to);
        expect(at(steps + later)).toBe(to);
        const values = Array.from({ length: steps + 1 }, (_, step) => at(step));
        const direction = Math.sign(to - from);
        const slack = 1e-9;
        for (const [i, value] of values.entries())
          if (i > 0) expect((value - (values[i - 1] as number)) * direction).toBeGreaterThan(-slack);
      }),
      { numRuns: 50 },
    );
  });

  test("linear is in the middle half-way; cosine too, and slowest at its ends", () => {
    expect(linear({ from: 1, to: 3, steps: 10 })(5)).toBe(2);
    const wave = cosine({ from: 1, to: 3, steps: 10 });
    expectClose(wave(5), 2, { absolute: 1e-12 });
    expect(wave(1) - wave(0)).toBeLessThan((wave(6) - wave(5)) / 5);
  });

  test("join hands over at its step, and the second counts from there", () => {
    fc.assert(
      fc.property(fc.nat({ max: 100 }), fc.nat({ max: 200 }), (at, step) => {
        const joined = join(
          (s) => 1000 + s,
          at,
          (s) => 3000 + s,
        );
        expect(joined(step)).toBe(step < at ? 1000 + step : 3000 + step - at);
      }),
    );
  });

  test("warmupCosine is 0 at first, the peak after the warm-up, 0 at the end", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), lengths, (warmup, more) => {
        const rate = warmupCosine({ peak: 0.3, warmup, total: warmup + more });
        expect([rate(0), rate(warmup), rate(warmup + more)]).toEqual([0, 0.3, 0]);
        expect(Math.max(...Array.from({ length: warmup + more }, (_, step) => rate(step)))).toBe(0.3);
      }),
    );
  });

  test("warmupCosine without a warm-up starts at the peak", () => {
    expect(warmupCosine({ peak: 2, warmup: 0, total: 10 })(0)).toBe(2);
  });

  test("warmupCosine has the numbers of the official recipe", () => {
    // adjust_learning_rate of main_moco.py by hand: lr 1.5e-4, 40 of 300 epochs of warm-up
    const rate = warmupCosine({ peak: 1.5e-4, warmup: 40, total: 300 });
    expectClose(rate(10), 3.75e-5, { relative: 1e-14 });
    expectClose(rate(170), 7.5e-5, { relative: 1e-12 }); // half of the cosine
    expectClose(rate(105), 1.5e-4 * (0.5 + Math.SQRT1_2 / 2), { relative: 1e-12 }); // a quarter: cos(pi / 4)
    expectClose(rate(235), 1.5e-4 * (0.5 - Math.SQRT1_2 / 2), { relative: 1e-12 });
  });

  test("the rate grows with the batch", () => {
    expect(scaledRate({ base: 1.5e-4, batch: 4096 })).toBeCloseTo(2.4e-3, 15);
    expect(scaledRate({ base: 0.3, batch: 256 })).toBe(0.3);
  });
});
