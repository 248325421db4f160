import { normals, rngOf, uniforms } from "@twinview/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Spike, type SpikeOptions, spikeDetector, spikesOf } from "./index.ts";
import { medianOf } from "./robust.ts";

fc.configureGlobal({ seed: 1 });

/** All spikes of curves by layer, step after step. */
const watched = (curves: Readonly<Record<string, readonly number[]>>, options?: SpikeOptions): readonly Spike[] => {
  const steps = Math.max(...Object.values(curves).map((curve) => curve.length));
  const normsAt = (step: number) => Object.fromEntries(Object.entries(curves).map(([layer, curve]) => [layer, curve[step] as number]));
  return spikesOf(
    Array.from({ length: steps }, (_, step) => ({ step, norms: normsAt(step) })),
    options,
  );
};

const flat = (length: number, value = 1): number[] => new Array<number>(length).fill(value);

/**
 * Norms as training gives them: scatter by factors, a part of it common to all layers, slowly wandering, over a level that falls
 * with the loss and rises with the warm-up.
 */
const stableRun = ({
  layers,
  steps,
  deviation,
  seed,
}: {
  readonly layers: number;
  readonly steps: number;
  readonly deviation: number;
  readonly seed: number;
}) => {
  const next = normals(rngOf(seed));
  const own = flat(layers, 0);
  return Array.from({ length: steps }, (_, step) => {
    const common = next();
    const drift = 1.5 * Math.min(1, step / 100) - 2 * (1 - Math.exp(-step / 300)) - step / 2000;
    const norms = own.map((before, layer) => {
      own[layer] = 0.2 * before + Math.sqrt(1 - 0.04) * next();
      return [`layer${layer}`, 10 ** -(layer % 3) * Math.exp(drift + deviation * (0.6 * common + 0.8 * (own[layer] as number)))] as const;
    });
    return Object.fromEntries(norms);
  });
};

const spikesIn = (run: readonly Readonly<Record<string, number>>[]): readonly Spike[] =>
  spikesOf(run.map((norms, step) => ({ step, norms })));

test("medianOf is the middle of the sorted numbers", () => {
  expect(medianOf([5, 1, 4])).toBe(4);
  expect(medianOf([5, 1, 4, 2])).toBe(3);
  expect(medianOf([])).toBeNaN();
});

describe("spikeDetector", () => {
  const short = { level: 8, scatter: 8, least: 2, z: 3, ratio: 3 } as const;

  test("names layer, step, ratio and deviations of a norm far above its window", () => {
    const spiking = flat(20, 2).map((x, i) => (i === 12 ? 9 : x));
    const [spike, ...more] = watched({ patch: spiking, head: flat(20, 2) }, short);
    expect(more).toEqual([]);
    expect({ step: spike?.step, layer: spike?.layer }).toEqual({ step: 12, layer: "patch" });
    expect(spike?.ratio).toBeCloseTo(4.5, 10);
    expect(spike?.z).toBeCloseTo(Math.log(4.5) / 0.05, 10); // equal norms before it: the least deviation holds
  });

  test("waits until it has seen enough", () => {
    const early = [1, 1, 50, 1, 1, 1, 50, 1, 1];
    expect(watched({ a: early }, short).map(({ step }) => step)).toEqual([6]); // a level from 4 steps, then 2 steps of scatter
    expect(watched({ a: early }, { ...short, least: 3 })).toEqual([]);
  });

  test("follows growth and decay by a factor a step, however steep, without calling it a spike", () => {
    for (const factor of [1.02, 1.5, 0.7]) expect(watched({ a: Array.from({ length: 200 }, (_, i) => factor ** i) }, short)).toEqual([]);
  });

  test("calls a new level a spike until it is half of what makes up the level", () => {
    const step = [...flat(20), ...flat(20, 10)];
    expect(watched({ a: step }, short).map((spike) => spike.step)).toEqual([20, 21, 22, 23]);
  });

  test("is not moved by one spike: the next step is measured against the same level", () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 40 }), fc.double({ min: 4, max: 1e6, noNaN: true }), (level, height) => {
        const curve = Array.from({ length: 3 * level }, (_, i) => (i === 2 * level ? height : 1));
        const spikes = watched({ a: curve }, { ...short, level });
        expect(spikes.map(({ step, layer }) => ({ step, layer }))).toEqual([{ step: 2 * level, layer: "a" }]);
        expect((spikes[0]?.ratio as number) / height).toBeCloseTo(1, 9);
      }),
    );
  });

  test("does not depend on the unit of the norms", () => {
    const next = uniforms(rngOf(5));
    const curve = Array.from({ length: 300 }, () => (next() < 0.05 ? 30 : 1) * (0.8 + 0.4 * next()));
    const steps = (unit: number): readonly number[] => watched({ a: curve.map((x) => x * unit) }).map(({ step }) => step);
    expect(steps(1).length).toBeGreaterThan(0);
    expect(steps(1024)).toEqual(steps(1));
  });

  test("calls a leap to more than six times the level a spike in a layer that scatters by factors, and nothing less", () => {
    const next = normals(rngOf(3));
    const wild = Array.from({ length: 200 }, () => Math.exp(0.5 * next())).map((x) => Math.min(Math.max(x, 1 / 2), 2));
    const leapTo = (height: number): readonly number[] =>
      watched({ a: wild.map((x, i) => (i === 150 ? height * medianOf(wild.slice(134, 150)) : x)) }).map(({ step }) => step);
    expect(leapTo(5.9)).toEqual([]); // less than four deviations
    expect(leapTo(6.1)).toEqual([150]);
    const early = flat(80).map((x, i) => (i === 40 ? 100 : x));
    expect(watched({ a: early })).toEqual([]); // nothing is known of its scatter yet
    expect(watched({ a: early }, { leap: 50, least: 8 }).map(({ step }) => step)).toEqual([40]);
  });

  test("keeps no more than it needs, and leaves the history it was given as it was", () => {
    const { start, watch } = spikeDetector({ level: 4, scatter: 3 });
    let history = start;
    for (let step = 0; step < 10; step++) history = watch(history, step, { a: Math.exp(step) }).history;
    const kept = { a: { logs: [6, 7, 8, 9], residuals: [2.5, 2.5, 2.5] } };
    expect(history).toEqual(kept);
    watch(history, 10, { a: 10 });
    expect(history).toEqual(kept);
  });

  test("passes over a layer that nothing flows to, and starts to learn its norms when something does", () => {
    const born = [...flat(30, 0), ...flat(10, 1e-3)];
    expect(watched({ a: born }, short)).toEqual([]);
    expect(watched({ a: [...born, 1] }, short).map(({ step }) => step)).toEqual([40]);
  });

  test("finds a twentyfold spike put into one layer at the right step and in that layer alone, 100 of 100", () => {
    const layers = 8;
    const pick = uniforms(rngOf(9));
    const found = Array.from({ length: 100 }, (_, trial) => {
      const run = stableRun({ layers, steps: 200, deviation: 0.17, seed: trial });
      const step = 64 + Math.floor(pick() * 136);
      const layer = `layer${Math.floor(pick() * layers)}`;
      const spoilt = run.map((norms, at) => (at === step ? { ...norms, [layer]: 20 * (norms[layer] as number) } : norms));
      const spikes = spikesIn(spoilt);
      return spikes.length === 1 && spikes[0]?.step === step && spikes[0]?.layer === layer;
    });
    expect(found.filter(Boolean).length).toBe(100);
  });

  test("raises fewer than one false alarm in 1,000 steps of 60 drifting, scattering layers", () => {
    const steps = 1200;
    const alarms = [0.05, 0.17, 0.35].map((deviation, seed) => {
      const spikes = spikesIn(stableRun({ layers: 60, steps, deviation, seed: 100 + seed }));
      return new Set(spikes.map(({ step }) => step)).size;
    });
    for (const count of alarms) expect(count / steps).toBeLessThan(1e-3);
  });
});
