import { fileURLToPath } from "node:url";

/** The command line that starts twinview in a process of its own, without arguments. */
export const program: readonly string[] = [process.execPath, fileURLToPath(new URL("./main.js", import.meta.url))];
