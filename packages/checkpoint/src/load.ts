import { basename, join } from "node:path";
import { decodeJson, fileError, json, type UserError, userError } from "@twinview/config";
import type { HostArray } from "@twinview/core";
import * as E from "fp-ts/lib/Either.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { type Disk, nodeDisk } from "./disk.ts";
import { checkpointsFolder, removeStep, stepName, stepsIn } from "./folder.ts";
import { type Manifest, readManifest, sha256 } from "./manifest.ts";
import { decodeSafetensors } from "./safetensors.ts";
import type { CheckpointContent } from "./save.ts";

/** A checkpoint that was read, and whose every byte was found as it was written. */
export interface Checkpoint extends CheckpointContent {
  readonly path: string;
}

const readFile = (path: string, disk: Disk): TE.TaskEither<UserError, Uint8Array> =>
  TE.tryCatch(
    () => disk.read(path),
    (error) => ({ ...fileError(error, path, "read"), kind: "checkpoint" }),
  );

const manifestOf = async (path: string, disk: Disk): Promise<E.Either<UserError, Manifest>> => {
  const where = join(path, "manifest.json");
  const bytes = await readFile(where, disk)();
  return E.isLeft(bytes) ? bytes : readManifest(Buffer.from(bytes.right).toString("latin1"), where);
};

const verified = async (path: string, name: string, manifest: Manifest, disk: Disk): Promise<E.Either<UserError, Uint8Array>> => {
  const where = join(path, name);
  const { bytes: size, sha256: hash } = manifest.files[name] as Manifest["files"][string];
  const bytes = await readFile(where, disk)();
  if (E.isLeft(bytes)) return bytes;
  const { length } = bytes.right;
  if (length !== size)
    return E.left(userError("checkpoint", "the file is damaged", { where, got: `${length} bytes`, expected: `${size} bytes` }));
  if (sha256([bytes.right]) !== hash)
    return E.left(userError("checkpoint", "the file is damaged: its SHA-256 differs from the manifest", { where }));
  return bytes;
};

/** Reads a checkpoint folder; a file that is missing, cut or changed by a single bit is an error that names it. */
export const loadCheckpoint =
  (path: string, disk: Disk = nodeDisk): TE.TaskEither<UserError, Checkpoint> =>
  async () => {
    const manifest = await manifestOf(path, disk);
    if (E.isLeft(manifest)) return manifest;
    const { step, files } = manifest.right;
    const groups = new Map<string, ReadonlyMap<string, HostArray>>();
    let progress: CheckpointContent["progress"] = null;
    for (const name of Object.keys(files)) {
      const bytes = await verified(path, name, manifest.right, disk);
      if (E.isLeft(bytes)) return bytes;
      const where = join(path, name);
      if (name === "progress.json") {
        const value = decodeJson(json, new TextDecoder().decode(bytes.right), where);
        if (E.isLeft(value)) return value;
        progress = value.right;
      } else if (name.endsWith(".safetensors")) {
        const tensors = decodeSafetensors(bytes.right, where);
        if (E.isLeft(tensors)) return tensors;
        groups.set(basename(name, ".safetensors"), tensors.right.tensors);
      }
    }
    return E.right({ path, step, groups: Object.fromEntries(groups), progress });
  };

/** The newest good checkpoint of a run, if it has any, and a line for each newer one that had to be passed over. */
export interface Latest {
  readonly checkpoint: Checkpoint | undefined;
  readonly warnings: readonly string[];
}

const listSteps = (runDir: string, disk: Disk): TE.TaskEither<UserError, readonly number[]> =>
  TE.tryCatch(
    () => stepsIn(runDir, disk),
    (error) => ({ ...fileError(error, checkpointsFolder(runDir), "list the checkpoints"), kind: "checkpoint" }),
  );

/**
 * Loads the newest checkpoint of a run. A damaged one is passed over with a warning that names the damaged file, and the one
 * before it is taken. An error when there are checkpoints but none is good, or when the newest was written by a newer
 * version: starting over or going back would lose work.
 */
export const latestCheckpoint =
  (runDir: string, disk: Disk = nodeDisk): TE.TaskEither<UserError, Latest> =>
  async () => {
    const steps = await listSteps(runDir, disk)();
    if (E.isLeft(steps)) return steps;
    const warnings: string[] = [];
    for (const step of steps.right) {
      const loaded = await loadCheckpoint(join(checkpointsFolder(runDir), stepName(step)), disk)();
      if (E.isRight(loaded)) return E.right({ checkpoint: loaded.right, warnings });
      if (loaded.left.kind === "newer-checkpoint") return loaded;
      warnings.push(`passing over ${stepName(step)}: ${loaded.left.where}: ${loaded.left.what}`);
    }
    if (warnings.length === 0) return E.right({ checkpoint: undefined, warnings });
    const fix = "move the checkpoints folder away to start over";
    return E.left(userError("checkpoint", ["no checkpoint of this run is whole", ...warnings].join("\n  "), { where: runDir, fix }));
  };

/**
 * Deletes old checkpoints: the newest `keep` stay, and where none of those is good, so does the newest good one; and the step `also`,
 * where one is named. Gives the steps that were deleted.
 */
export const prune =
  (runDir: string, keep: number, disk: Disk = nodeDisk, also?: number): TE.TaskEither<UserError, readonly number[]> =>
  async () => {
    const steps = await listSteps(runDir, disk)();
    if (E.isLeft(steps)) return steps;
    const kept = Math.max(1, Math.floor(keep));
    if (steps.right.length <= kept) return E.right([]);
    const latest = await latestCheckpoint(runDir, disk)();
    if (E.isLeft(latest)) return latest.left.kind === "newer-checkpoint" ? latest : E.right([]);
    const good = latest.right.checkpoint?.step;
    const old = steps.right.slice(kept).filter((step) => step !== good && step !== also);
    return TE.tryCatch(
      async () => {
        for (const step of old) await removeStep(runDir, step, disk);
        return old;
      },
      (error) => ({ ...fileError(error, checkpointsFolder(runDir), "delete old checkpoints"), kind: "checkpoint" }),
    )();
  };
