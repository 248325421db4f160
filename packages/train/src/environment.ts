import { cpus, totalmem } from "node:os";
import { type Json, json, readJson } from "@twinview/config";
import { runPaths } from "@twinview/report";
import * as E from "fp-ts/lib/Either.js";

/** What the last bits of a number depend on beside the program: versions and processor. */
export const machineFacts = () => ({
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  processor: cpus()[0]?.model ?? "unknown",
});

/** Versions and hardware, for env.json. */
export const environment = (engine: string, machineGflops: number, imagesPerSecond?: number) => ({
  ...machineFacts(),
  cores: cpus().length,
  memoryBytes: totalmem(),
  engine,
  machineGflops,
  ...(imagesPerSecond === undefined ? {} : { imagesPerSecond }),
});

/** The fields of a folder's env.json; none in a new folder, or in one whose file was damaged. */
export const recordedEnvironment = async (runDir: string): Promise<Readonly<Record<string, Json>>> => {
  const read = await readJson(runPaths(runDir).env, json)();
  const env: unknown = E.isRight(read) ? read.right : undefined;
  return typeof env === "object" && env !== null && !Array.isArray(env) ? (env as Readonly<Record<string, Json>>) : {};
};
