import type { Engine } from "@twinview/engine";
import type { Experiment } from "./experiment.ts";
import { initialState } from "./plan.ts";
import { runnerOf } from "./runner-of.ts";

const repeats = 4;

/**
 * The speed of an experiment's step in images a second: the best of a few steps on noise, after one that warms up. Nothing of
 * the experiment's own state is touched.
 */
export const measureStep = async (engine: Engine, experiment: Experiment, threads?: number): Promise<number> => {
  const { views, batch, schedules } = experiment;
  const feed = {
    views: views.map(({ size }) => Uint8Array.from({ length: batch * size * size * 3 }, (_, j) => (j * 2654435761) >>> 24)),
    hyper: Object.fromEntries(Object.entries(schedules).map(([name, schedule]) => [name, schedule(0)])),
  };
  const { programs, scratch, run } = runnerOf(experiment);
  const session = await engine.open({
    state: initialState(experiment),
    scratch,
    programs,
    ...(threads === undefined ? {} : { threads }),
  });
  try {
    await run(session, feed);
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < repeats; i++) best = Math.min(best, (await run(session, feed))?.seconds ?? Number.POSITIVE_INFINITY);
    return batch / best;
  } finally {
    await session.close();
  }
};
