import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { saveCheckpoint } from "@twinview/checkpoint";
import { unwrap } from "@twinview/config";
import type { HostArray } from "@twinview/core";
import { type App, initialState, type PlannedRun, toGroups, type Wishes } from "@twinview/train";

type Group = ReadonlyMap<string, HostArray>;

/** A run's folder as training leaves it, made without training: the initial values, changed as `change` says, are its checkpoint. */
export const makeRun = async (
  folder: string,
  app: App,
  {
    wishes,
    set = [],
    change = (groups) => groups,
  }: {
    readonly wishes: Wishes;
    readonly set?: readonly string[];
    readonly change?: (groups: Readonly<Record<string, Group>>) => Readonly<Record<string, Group>>;
  },
): Promise<PlannedRun> => {
  const around = { images: 1000, testImages: 100, side: 32, machineGflops: 50 };
  const planned = app.plan({ epochs: 1, batch: 4, ...wishes }, around, set);
  if (planned._tag === "Left") throw new Error(planned.left.what);
  const { run } = planned.right;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "config.json"), JSON.stringify(run.config));
  await unwrap(saveCheckpoint({ runDir: folder, step: 7, groups: change(toGroups(initialState(run.experiment))), progress: null }));
  return run;
};

/** Every float of some tensors of a group changed by `f`. */
export const changed = (group: Group, f: (x: number, i: number) => number): Group =>
  new Map([...group].map(([path, array]) => [path, { ...array, data: Float32Array.from(array.data as Float32Array, f) }]));
