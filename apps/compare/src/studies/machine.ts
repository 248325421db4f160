import type { Json } from "@twinview/config";

/** A run's machine in words, from its env.json: `AMD EPYC, 2 cores, linux x64, Node v20.20.2`; `?` for what that does not say. */
export const machineText = (env: Readonly<Record<string, Json>>): string => {
  const known = (name: string): string => {
    const value = env[name];
    return typeof value === "string" || typeof value === "number" ? String(value).trim() : "?";
  };
  return `${known("processor")}, ${known("cores")} cores, ${known("platform")}, Node ${known("node")}`;
};
