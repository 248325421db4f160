import { constant, evaluate, type HostArray, normals, rngOf } from "@twinview/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Collapse, type CollapseOptions, collapseAlarm, collapseMetrics, type Recovery } from "./index.ts";

type Metrics = Readonly<Record<string, number>>;
type Told = { readonly collapse: Collapse } | { readonly recovery: Recovery };

/** What the alarm says in a series of steps. */
const toldIn = (series: readonly Metrics[], options: CollapseOptions = {}): readonly Told[] => {
  const { start, watch } = collapseAlarm(options);
  let history = start;
  return series.flatMap((metrics, step) => {
    const found = watch(history, step, metrics);
    history = found.history;
    return [
      ...(found.collapse === undefined ? [] : [{ collapse: found.collapse }]),
      ...(found.recovery === undefined ? [] : [{ recovery: found.recovery }]),
    ];
  });
};

/** The same by looking back at the whole series in every step. */
const slowlyTold = (series: readonly Metrics[], floors: Metrics, steps: number): readonly Told[] => {
  const told: Told[] = [];
  let current: Collapse | undefined;
  series.forEach((metrics, step) => {
    const past = series.slice(0, step + 1).map((values, at) => ({ values, at }));
    const lowAt = ({ values }: (typeof past)[number], metric: string): boolean => (values[metric] as number) < (floors[metric] as number);
    if (current === undefined) {
      for (const metric of Object.keys(floors)) {
        const own = past.filter(({ values }) => Number.isFinite(values[metric]));
        const lastHigh = own.findLastIndex((one) => !lowAt(one, metric));
        const row = own.slice(lastHigh + 1);
        if (row.length < steps || row.at(-1)?.at !== step || row[0] === undefined) continue;
        current = { step, since: row[0].at, metric, value: metrics[metric] as number, floor: floors[metric] as number };
        told.push({ collapse: current });
        return;
      }
      return;
    }
    const some = past.filter(({ values }) => Object.keys(floors).some((metric) => Number.isFinite(values[metric])));
    const lastSome = some.slice(-steps);
    const well = lastSome.every((one) => Object.keys(floors).every((metric) => !lowAt(one, metric)));
    if (!well || lastSome.length < steps) return;
    told.push({ recovery: { step, since: current.step, metric: current.metric, value: metrics[current.metric] ?? Number.NaN } });
    current = undefined;
  });
  return told;
};

const low = { embeddingStd: 0.2 };
const high = { embeddingStd: 0.7 };
const times = (count: number, metrics: Metrics): readonly Metrics[] => Array.from({ length: count }, () => metrics);

describe("collapseAlarm", () => {
  test("says once that a metric stayed low, with its value and the steps", () => {
    expect(toldIn([...times(30, high), ...times(100, low)])).toEqual([
      { collapse: { step: 49, since: 30, metric: "embeddingStd", value: 0.2, floor: 0.45 } },
    ]);
  });

  test("nineteen low steps are not enough, and one that is not low begins anew", () => {
    expect(toldIn([...times(19, low), high, ...times(19, low)])).toEqual([]);
    expect(toldIn(times(20, low))).toHaveLength(1);
  });

  test("says when it is over, and may then say so again", () => {
    const series = [...times(25, low), ...times(19, high), ...times(5, low), ...times(30, high), ...times(30, low)];
    expect(toldIn(series)).toEqual([
      { collapse: expect.objectContaining({ step: 19, since: 0 }) },
      { recovery: { step: 68, since: 19, metric: "embeddingStd", value: 0.7 } },
      { collapse: expect.objectContaining({ step: 98, since: 79 }) },
    ]);
  });

  test("while one metric shows a collapse another says nothing, nor is it over before both are well", () => {
    const series = [...times(20, { ...low, prototypeEntropy: 0.9 }), ...times(40, { ...high, prototypeEntropy: 0.02 })];
    expect(toldIn([...series, ...times(20, { ...high, prototypeEntropy: 0.5 })])).toEqual([
      { collapse: expect.objectContaining({ step: 19, metric: "embeddingStd" }) },
      { recovery: expect.objectContaining({ step: 79, since: 19 }) },
    ]);
  });

  test("the use of prototypes shows a collapse too, but is left out below 8 images a step", () => {
    const series = times(25, { ...high, prototypeEntropy: 0.05 });
    expect(toldIn(series, { batch: 8 })).toEqual([{ collapse: expect.objectContaining({ metric: "prototypeEntropy", floor: 0.1 }) }]);
    expect(toldIn(series, { batch: 7 })).toEqual([]);
    expect(toldIn(times(25, low), { batch: 2 })).toHaveLength(1);
  });

  test("a low effective rank alone shows nothing: it is low in healthy runs too", () => {
    expect(toldIn(times(50, { ...high, effectiveRank: 1 }))).toEqual([]);
  });

  test("steps in which nothing was measured are passed over", () => {
    const unknown = { embeddingStd: Number.NaN };
    expect(toldIn(times(60, unknown))).toEqual([]);
    expect(toldIn([...times(10, low), ...times(30, unknown), ...times(5, {}), ...times(10, low)])).toEqual([
      { collapse: expect.objectContaining({ step: 54, since: 0 }) },
    ]);
    expect(toldIn([...times(20, low), ...times(50, unknown)])).toHaveLength(1);
  });

  test("does in any series what looking back at all of it does", () => {
    const value = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(0.1, 0.9) }, fc.constantFrom(0.5, Number.NaN));
    // stretches of equal steps, so that alarms and recoveries happen often
    const stretch = fc.record({ length: fc.integer({ min: 1, max: 7 }), a: value, b: fc.option(value, { nil: undefined }) });
    const floors = { a: 0.5, b: 0.3 };
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 25 }), fc.integer({ min: 1, max: 5 }), (stretches, steps) => {
        const series = stretches.flatMap(({ length, a, b }) => times(length, { a, ...(b === undefined ? {} : { b }) }));
        expect(toldIn(series, { floors, steps })).toEqual(slowlyTold(series, floors, steps));
      }),
      { numRuns: 300, seed: 4 },
    );
  });
});

/** The collapse metrics of embeddings given as numbers. */
const metricsOf = (rows: number, width: number, value: (row: number, column: number) => number): Metrics => {
  const data = Array.from({ length: rows * width }, (_, i) => value(Math.floor(i / width), i % width));
  const out = evaluate(() => {
    const z = constant(data, [rows, width]);
    return { ...collapseMetrics(z, constant(data, [rows, width])) };
  }) as unknown as Readonly<Record<string, HostArray>>;
  return Object.fromEntries(Object.entries(out).map(([name, { data: numbers }]) => [name, numbers[0] as number]));
};

describe("the alarm on embeddings", () => {
  const sizes = fc.record({ rows: fc.integer({ min: 2, max: 24 }), width: fc.integer({ min: 2, max: 12 }), seed: fc.nat() });

  test("embeddings that are all one vector, of whatever lengths, always raise it, whatever the sizes", () => {
    fc.assert(
      fc.property(sizes, ({ rows, width, seed }) => {
        const next = normals(rngOf(seed));
        const [vector, lengths] = [width, rows].map((count) => Array.from({ length: count }, next)) as [number[], number[]];
        const metrics = metricsOf(rows, width, (row, column) => (vector[column] as number) * Math.exp(lengths[row] as number));
        expect(toldIn(times(20, metrics), { batch: rows })).toEqual([
          { collapse: expect.objectContaining({ metric: "embeddingStd", step: 19 }) },
        ]);
      }),
      { numRuns: 50, seed: 1 },
    );
  });

  test("random embeddings never raise it, whatever the sizes", () => {
    fc.assert(
      fc.property(sizes, ({ rows, width, seed }) => {
        const next = normals(rngOf(seed));
        const series = Array.from({ length: 40 }, () => metricsOf(rows, width, next));
        expect(toldIn(series, { batch: rows })).toEqual([]);
      }),
      { numRuns: 25, seed: 2 },
    );
  });

  test("nor do a few clusters, or embeddings that share half of their direction", () => {
    const next = normals(rngOf(5));
    const centres = Array.from({ length: 3 * 8 }, next);
    const clusters = () => metricsOf(30, 8, (row, column) => (centres[(row % 3) * 8 + column] as number) + 0.1 * next());
    expect(toldIn(Array.from({ length: 30 }, clusters))).toEqual([]);
    const shared = () => metricsOf(30, 8, (_, column) => (column === 0 ? 2 * Math.SQRT2 : 0) + next());
    expect(toldIn(Array.from({ length: 30 }, shared))).toEqual([]);
  });
});
