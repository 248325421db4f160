import { type HostArray, sizeOf } from "@twinview/core";
import type { Engine, Program } from "@twinview/engine";
import type { Experiment } from "./experiment.ts";
import { initialState } from "./plan.ts";
import { runnerOf } from "./runner-of.ts";

const repeats = 4;

/** Numbers that look like noise, for every input of a program; its schedules' values at the start. */
const noise = ({ inputs }: Program, { schedules }: Experiment): Readonly<Record<string, HostArray>> =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, dtype }]): [string, HostArray] => {
      const schedule = schedules[name];
      if (schedule !== undefined) return [name, { shape, dtype: "float32", data: Float32Array.of(schedule(0)) }];
      const bytes = Uint8Array.from({ length: sizeOf(shape) }, (_, i) => (i * 2654435761) >>> 24);
      if (dtype === "uint8") return [name, { shape, dtype, data: bytes }];
      return [name, { shape, dtype: "float32", data: Float32Array.from(bytes, (x) => x / 255 - 0.5) }];
    }),
  );

/**
 * The speed of an experiment's step in images a second: each of its programs on noise, the best of a few runs after one that warms
 * up, times how often a step runs it. Nothing of the experiment's own state is touched.
 */
export const measureStep = async (engine: Engine, experiment: Experiment, threads?: number): Promise<number> => {
  const { programs, scratch, compact, runs } = runnerOf(experiment);
  const session = await engine.open({ state: initialState(experiment), scratch, compact, programs, threads });
  try {
    let seconds = 0;
    for (const [name, program] of Object.entries(programs)) {
      const inputs = noise(program, experiment);
      await session.run(name, inputs);
      let best = Number.POSITIVE_INFINITY;
      for (let i = 0; i < repeats; i++) best = Math.min(best, (await session.run(name, inputs)).seconds);
      seconds += (runs[name] as number) * best;
    }
    return experiment.batch / seconds;
  } finally {
    await session.close();
  }
};
