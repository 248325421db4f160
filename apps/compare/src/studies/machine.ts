import { type Json, json, readJson } from "@twinview/config";
import { runPaths } from "@twinview/report";
import * as E from "fp-ts/lib/Either.js";

/** A run's machine in words, from its env.json: `AMD EPYC, 2 cores, linux x64, Node v20.20.2`. */
export const machineText = (env: Json): string => {
  const facts = new Map(typeof env === "object" && env !== null ? Object.entries(env as Readonly<Record<string, Json>>) : []);
  const known = (name: string): string => {
    const value = facts.get(name);
    return typeof value === "string" || typeof value === "number" ? String(value).trim() : "?";
  };
  return `${known("processor")}, ${known("cores")} cores, ${known("platform")}, Node ${known("node")}`;
};

/** The machine of the run in a folder; `?` for what its env.json does not say. */
export const machineOf = async (runDir: string): Promise<string> => {
  const read = await readJson(runPaths(runDir).env, json)();
  return machineText(E.isRight(read) ? (read.right as Json) : {});
};
