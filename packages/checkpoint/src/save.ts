import { join } from "node:path";
import { fileError, type Json, type UserError } from "@twinview/config";
import type { HostArray } from "@twinview/core";
import * as TE from "fp-ts/lib/TaskEither.js";
import { type Disk, nodeDisk } from "./disk.ts";
import { checkpointsFolder, cleanLeftovers, type StepsFolder, stepName } from "./folder.ts";
import { isFileName, renderManifest, sha256 } from "./manifest.ts";
import { encodeSafetensors } from "./safetensors.ts";

/** What a checkpoint holds: named arrays in groups, a file each (`online`, `target`, `optimizer`), and where the run stands. */
export interface CheckpointContent {
  readonly step: number;
  readonly groups: Readonly<Record<string, ReadonlyMap<string, HostArray>>>;
  readonly progress: Json;
}

/** Options of {@link saveCheckpoint}. */
export interface SaveOptions extends CheckpointContent {
  readonly runDir: string;
  /** The run's checkpoints when absent. */
  readonly folder?: StepsFolder;
}

interface PlannedFile {
  readonly name: string;
  readonly chunks: readonly Uint8Array[];
  readonly bytes: number;
}

const planned = (name: string, chunks: readonly Uint8Array[]): PlannedFile => {
  if (!isFileName(name)) throw new RangeError(`saveCheckpoint: ${JSON.stringify(name)} cannot be a file name`);
  return { name, chunks, bytes: chunks.reduce((sum, chunk) => sum + chunk.length, 0) };
};

const planFiles = ({ step, groups, progress }: CheckpointContent): readonly PlannedFile[] => {
  const encoder = new TextEncoder();
  const files = Object.entries(groups).map(([group, tensors]) => planned(`${group}.safetensors`, encodeSafetensors(tensors)));
  const content = [...files, planned("progress.json", [encoder.encode(`${JSON.stringify(progress)}\n`)])];
  const hashes = Object.fromEntries(content.map(({ name, chunks, bytes }) => [name, { bytes, sha256: sha256(chunks) }]));
  return [...content, planned("manifest.json", [encoder.encode(renderManifest({ step, files: hashes }))])];
};

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

const saveError = async (error: unknown, path: string, bytes: number, disk: Disk): Promise<UserError> => {
  const known = { ...fileError(error, path, "save the checkpoint"), kind: "checkpoint" };
  const code = (error as { readonly code?: unknown } | null)?.code;
  if (code !== "ENOSPC" && code !== "EDQUOT") return known;
  const free = await disk.freeBytes(join(path, "..")).catch(() => undefined);
  return {
    ...known,
    expected: `${megabytes(bytes)} for this checkpoint`,
    ...(free === undefined ? {} : { got: `${megabytes(free)} free` }),
  };
};

const writeAll = async (
  { runDir, folder: which }: Pick<SaveOptions, "runDir" | "folder">,
  path: string,
  files: readonly PlannedFile[],
  disk: Disk,
): Promise<void> => {
  const folder = checkpointsFolder(runDir, which);
  const partial = `${path}.partial`;
  await disk.makeFolder(folder);
  await disk.syncFolder(runDir);
  await cleanLeftovers(runDir, disk, which);
  await disk.makeFolder(partial);
  for (const { name, chunks } of files) await disk.write(join(partial, name), chunks);
  await disk.syncFolder(partial);
  // a folder cannot be renamed over another: the same step again sets the old one aside first
  const again = (await disk.list(folder)).includes(stepOf(path));
  if (again) await disk.rename(path, `${path}.replaced`);
  await disk.rename(partial, path);
  await disk.syncFolder(folder);
  if (again) await disk.remove(`${path}.replaced`);
};

const stepOf = (path: string): string => path.slice(path.lastIndexOf("step-"));

/**
 * Writes a checkpoint so that it is whole or absent, whatever happens on the way: files and manifest go to a folder of another
 * name, each flushed to the medium, and that folder is renamed. Earlier checkpoints are never touched; when it fails (disk
 * full, read-only) they are as they were, and the next save may succeed. Gives the path of the new folder.
 *
 * The arrays are written as they lie: they must not change before the task is done.
 */
export const saveCheckpoint =
  ({ runDir, folder, ...content }: SaveOptions, disk: Disk = nodeDisk): TE.TaskEither<UserError, string> =>
  async () => {
    const path = join(checkpointsFolder(runDir, folder), stepName(content.step));
    const files = planFiles(content);
    const written = await TE.tryCatch(
      () => writeAll({ runDir, ...(folder === undefined ? {} : { folder }) }, path, files, disk),
      (error) => error,
    )();
    if (written._tag === "Right") return { _tag: "Right", right: path };
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const left = await saveError(written.left, path, bytes, disk);
    await disk.remove(`${path}.partial`).catch(() => undefined); // best effort: the next save cleans up too
    return { _tag: "Left", left };
  };
