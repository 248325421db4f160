import type { Runner } from "./runner.ts";

/** How long and how often a case is measured. */
export interface MeasureOptions {
  /** Rounds of one run of each side. */
  readonly rounds: number;
  /** Shortest time of a run, in seconds. */
  readonly seconds: number;
  /** Images in one unit of work. */
  readonly imagesPerRun: number;
}

/** Images a second of each round; a side that is missing has none. */
export interface Speeds {
  readonly ours: readonly number[];
  readonly peer: readonly number[];
}

const warmUpRuns = 2; // memory arenas and autotuners settle in the first two steps
/** A unit of work that takes this many runs' time has settled within itself, and fills a run. */
const longRun = 4;

/** Warms a side up and finds how many units of work fill a run. */
const calibrate = async (runner: Runner, seconds: number): Promise<number> => {
  for (let i = 0; i < warmUpRuns; i++) if ((await runner.run(1)) >= longRun * seconds) return 1;
  for (let count = 1; ; count *= 2) {
    const took = await runner.run(count);
    if (took >= seconds / 8) return Math.max(1, Math.ceil((count * seconds) / took));
  }
};

/** Runs both sides in turn, ours then peer, after warming both up. One side waits while the other runs. */
export const measure = async (
  sides: { readonly ours?: Runner | undefined; readonly peer?: Runner | undefined },
  { rounds, seconds, imagesPerRun }: MeasureOptions,
): Promise<Speeds> => {
  const timed = async (runner: Runner | undefined) =>
    runner === undefined ? [] : [{ runner, count: await calibrate(runner, seconds), speeds: [] as number[] }];
  const ours = await timed(sides.ours);
  const peer = await timed(sides.peer);
  for (let round = 0; round < rounds; round++) {
    for (const side of [...ours, ...peer]) side.speeds.push((imagesPerRun * side.count) / (await side.runner.run(side.count)));
  }
  return { ours: ours[0]?.speeds ?? [], peer: peer[0]?.speeds ?? [] };
};
