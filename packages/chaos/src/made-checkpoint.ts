import { type CheckpointContent, memoryDisk, saveCheckpoint, type Tree } from "@twinview/checkpoint";
import { unwrap } from "@twinview/config";
import { fold, type HostArray, normals, rngOf } from "@twinview/core";

/** The folder of a run that exists in memory only. */
export const madeRun = "/run";

const array = (step: number, name: string, length: number): HostArray => {
  const draw = normals(fold(rngOf(step), name));
  return { shape: [length], dtype: "float32", data: Float32Array.from({ length }, draw) };
};

/** A checkpoint of five files, as a run with a target encoder writes it, with about `floats` numbers. */
export const madeContent = (step: number, floats: number): CheckpointContent => ({
  step,
  groups: {
    online: new Map([["encoder/patch/w", array(step, "online", floats >> 2)]]),
    target: new Map([["encoder/patch/w", array(step, "target", floats >> 2)]]),
    optimizer: new Map([["adam/mu/encoder/patch/w", array(step, "optimizer", floats >> 1)]]),
  },
  progress: { step },
});

/** A disk in memory with checkpoints of these steps. */
export const diskWith = async (floats: number, ...stepsSaved: readonly number[]): Promise<Tree> => {
  const { disk, state } = memoryDisk();
  for (const step of stepsSaved) await unwrap(saveCheckpoint({ runDir: madeRun, ...madeContent(step, floats) }, disk));
  return state();
};
