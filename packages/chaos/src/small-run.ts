import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkpointsFolder, stepName } from "@twinview/checkpoint";
import { toPngDataUri } from "@twinview/data";
import { type Ended, start } from "./command.ts";
import type { Ground } from "./ground.ts";

/** Steps of the small run, and how often it saves: not at the ends of its epochs of nine steps. */
export const steps = 27;
export const everySteps = 4;

const side = 32;

/** The pixels of picture `i`: waves, another for each picture. */
const wave = (i: number): Uint8Array =>
  Uint8Array.from({ length: side * side * 3 }, (_, at) => 128 + 100 * Math.sin((at * (1 + (i % 7))) / 11 + i));

/** Writes forty small pictures into two folders. */
export const writePictures = async (folder: string): Promise<void> => {
  for (const name of ["a", "b"]) await mkdir(join(folder, name), { recursive: true });
  for (let i = 0; i < 40; i++) {
    const uri = await toPngDataUri({ width: side, height: side, data: wave(i) });
    await writeFile(join(folder, i % 2 === 0 ? "a" : "b", `${i}.png`), Buffer.from(uri.slice(uri.indexOf(",") + 1), "base64"));
  }
};

/** Where the small run's pictures are on the ground. */
export const picturesOf = ({ folder }: Pick<Ground, "folder">): string => join(folder, "pictures");

const sizes = ["image=16", "heads.hidden=16", "heads.out=8", "knn.everyEpochs=1", `checkpoint.everySteps=${everySteps}`];

/** The command line that trains the small run in a folder: epochs of forty pictures, four of them held out, batch 4. */
export const training = (ground: Pick<Ground, "folder" | "program">, run: string, epochs = 3): readonly string[] => [
  ...ground.program,
  "train",
  "moco-v3",
  ...["--data", picturesOf(ground), "--epochs", String(epochs), "--batch", "4", "--threads", "1", "--json", "--out", run],
  ...sizes.flatMap((text) => ["--set", text]),
];

/** A new folder for a run of a machine whose speed is known: it is not measured again. */
export const newRun = async ({ folder }: Pick<Ground, "folder">, name: string): Promise<string> => {
  const run = join(folder, name);
  await mkdir(checkpointsFolder(run), { recursive: true });
  await writeFile(join(run, "env.json"), JSON.stringify({ machineGflops: 50 }));
  return run;
};

/** What must not change: the losses and all else that was recorded but the times, and the weights at the end. */
export interface Trace {
  readonly records: readonly string[];
  readonly weights: Readonly<Record<string, string>>;
}

const withoutTimes = (line: string): string => {
  const { imagesPerSecond: _, waitShare: __, ...rest } = JSON.parse(line) as Readonly<Record<string, unknown>>;
  return JSON.stringify(rest);
};

/** SHA-256 of a file. */
export const hashOf = async (path: string): Promise<string> =>
  createHash("sha256")
    .update(await readFile(path))
    .digest("hex");

/** SHA-256 of every array file of the checkpoint at a step. */
export const weightsOf = async (run: string, step = steps): Promise<Readonly<Record<string, string>>> => {
  const folder = join(checkpointsFolder(run), stepName(step));
  const names = (await readdir(folder)).filter((name) => name.endsWith(".safetensors")).sort();
  const hashes = names.map(async (name) => [name, await hashOf(join(folder, name))] as const);
  return Object.fromEntries(await Promise.all(hashes));
};

export const traceOf = async (run: string): Promise<Trace> => {
  const lines = (await readFile(join(run, "metrics.jsonl"), "utf8")).trim().split("\n");
  return { records: lines.map(withoutTimes), weights: await weightsOf(run) };
};

/** In what a run differs from the undisturbed one; undefined where every bit is the same. */
export const difference = (run: Trace, whole: Trace): string | undefined => {
  for (const [i, record] of whole.records.entries()) if (run.records[i] !== record) return `record ${i + 1} of metrics.jsonl differs`;
  if (run.records.length !== whole.records.length) return `${run.records.length} records, not ${whole.records.length}`;
  const odd = Object.keys({ ...whole.weights, ...run.weights }).find((name) => whole.weights[name] !== run.weights[name]);
  return odd === undefined ? undefined : `${odd} at the end differs`;
};

/** The small run when nothing disturbs it. */
export interface Whole extends Trace {
  readonly seconds: number;
}

/** What a command that failed said, for messages. */
export const saidBy = ({ code, signal, error }: Ended): string =>
  `it ended with ${signal ?? `exit code ${code}`}${error === "" ? "" : `: ${error.trim().split("\n").slice(0, 3).join(" ")}`}`;

/** Trains the small run without any disturbance. */
export const undisturbed = async (ground: Pick<Ground, "folder" | "program">): Promise<Whole> => {
  await writePictures(picturesOf(ground));
  const run = await newRun(ground, "whole");
  const ended = await start(training(ground, run)).ended;
  if (ended.code !== 0) throw new Error(`the undisturbed run failed: ${saidBy(ended)}`);
  return { ...(await traceOf(run)), seconds: ended.seconds };
};
