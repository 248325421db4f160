import { type HostArray, hostArray } from "@twinview/core";
import type { Engine } from "@twinview/engine";
import type { Experiment } from "./experiment.ts";
import { initialState } from "./plan.ts";
import { stepProgram, viewInput } from "./programs.ts";

const repeats = 4;

/**
 * The speed of an experiment's step in images a second: the best of a few steps on noise, after one that warms up. Nothing of
 * the experiment's own state is touched.
 */
export const measureStep = async (engine: Engine, experiment: Experiment, threads?: number): Promise<number> => {
  const { views, batch, schedules } = experiment;
  const images = views.map(({ size }, i): [string, HostArray] => {
    const data = Uint8Array.from({ length: batch * size * size * 3 }, (_, j) => (j * 2654435761) >>> 24);
    return [viewInput(i), { shape: [batch, size, size, 3], dtype: "uint8", data }];
  });
  const scalars = Object.entries(schedules).map(([name, schedule]): [string, HostArray] => [name, hostArray([schedule(0)], [])]);
  const inputs = Object.fromEntries([...images, ...scalars]);
  const program = stepProgram(experiment);
  const session = await engine.open({
    state: initialState(experiment),
    programs: { program },
    ...(threads === undefined ? {} : { threads }),
  });
  try {
    await session.run("program", inputs);
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < repeats; i++) best = Math.min(best, (await session.run("program", inputs)).seconds);
    return batch / best;
  } finally {
    await session.close();
  }
};
