export { type Disk, nodeDisk } from "./disk.ts";
export { checkpointsFolder, cleanLeftovers, removeStep, type StepsFolder, stepName, stepsIn } from "./folder.ts";
export { type Checkpoint, type Latest, latestCheckpoint, loadCheckpoint, prune } from "./load.ts";
export { lockRun, type RunLock } from "./lock.ts";
export { formatVersion } from "./manifest.ts";
export { applied, memoryDisk, type Operation, type Tree } from "./memory-disk.ts";
export { leftByPowerCut } from "./power-cut.ts";
export { decodeSafetensors, encodeSafetensors, type Safetensors } from "./safetensors.ts";
export { type CheckpointContent, type SaveOptions, saveCheckpoint } from "./save.ts";
