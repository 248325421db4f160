import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { failure, type Json, unwrap, userError } from "@twinview/config";
import { type Detected, describe, detect } from "@twinview/data";
import { type Engine, onnxEngine, referenceEngine } from "@twinview/engine";
import { type App, measureGflops, type PlannedRun } from "@twinview/train";
import * as E from "fp-ts/lib/Either.js";

/** The flags that say what to train. */
export interface ExperimentFlags {
  readonly data: string;
  readonly preset: string | undefined;
  readonly backbone: string | undefined;
  readonly epochs: number | undefined;
  readonly minutes: number | undefined;
  readonly batch: number | undefined;
  readonly seed: number | undefined;
  readonly freezePatch: boolean;
  readonly set: readonly string[];
}

/** A run that is ready to start. */
export interface Prepared {
  readonly run: PlannedRun;
  readonly reasons: readonly string[];
  readonly data: Detected;
  readonly engine: Engine;
  readonly machineGflops: number;
}

const engines = { onnx: () => onnxEngine(), reference: referenceEngine } as const;

/** The engine of a name on the command line. */
export const engineOf = (name: keyof typeof engines): Engine => engines[name]();

/** The speed in a run's env.json, if there is one. */
export const recordedGflops = async (runDir: string): Promise<number | undefined> => {
  try {
    const value = (JSON.parse(await readFile(join(runDir, "env.json"), "utf8")) as { readonly machineGflops?: unknown }).machineGflops;
    return typeof value === "number" && value > 0 ? value : undefined;
  } catch {
    return undefined; // a new folder, or one whose file was damaged: measured again
  }
};

/** Finds the data, measures the machine, and fills in the configuration. */
export const prepare = async (
  app: App,
  flags: ExperimentFlags,
  {
    engine: engineName,
    threads,
    runDir,
    overrides = [],
  }: {
    readonly engine: keyof typeof engines;
    readonly threads?: number | undefined;
    readonly runDir?: string;
    /** Applied after those of the flags. */
    readonly overrides?: readonly string[];
  },
): Promise<Prepared> => {
  const data = await unwrap(detect(flags.data));
  const engine = engineOf(engineName);
  // a run that goes on keeps the speed it was set up with, so that the same command chooses the same configuration
  const machineGflops =
    (runDir === undefined ? undefined : await recordedGflops(runDir)) ?? (await measureGflops(engineOf("onnx"), threads));
  const { width, height } = await describe(data.train);
  const around = { images: data.train.length, testImages: data.test?.length ?? 1_000, side: Math.min(width, height), machineGflops };
  const wishes = { ...flags, freezePatch: flags.freezePatch ? true : undefined };
  const planned = app.plan(wishes, around, [...flags.set, ...overrides]);
  if (E.isLeft(planned)) throw failure(planned.left);
  const { run, reasons } = planned.right;
  return { run, reasons: [data.description, ...reasons], data, engine, machineGflops };
};

/** The folder of a run, made; an error when it cannot be. */
export const runFolder = async (path: string): Promise<string> => {
  try {
    await mkdir(path, { recursive: true });
    return path;
  } catch (error) {
    throw failure(
      userError("file", "cannot make the run's folder", {
        where: path,
        got: (error as Error).message,
        fix: "choose another folder with --out",
      }),
    );
  }
};

/** The values of a configuration that differ between two runs of the same folder, as `path: before -> now`. */
export const changedFields = (before: Json, now: Json, path = ""): readonly string[] => {
  if (
    typeof before === "object" &&
    typeof now === "object" &&
    before !== null &&
    now !== null &&
    !Array.isArray(before) &&
    !Array.isArray(now)
  ) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
    return names.flatMap((name) =>
      changedFields(
        (before as Readonly<Record<string, Json>>)[name] ?? null,
        (now as Readonly<Record<string, Json>>)[name] ?? null,
        path === "" ? name : `${path}.${name}`,
      ),
    );
  }
  return JSON.stringify(before) === JSON.stringify(now) ? [] : [`${path}: ${JSON.stringify(before)} -> ${JSON.stringify(now)}`];
};
