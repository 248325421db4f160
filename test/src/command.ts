import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "@twinview/cli";
import { root } from "./source-tree.ts";

/** The program behind `npx twinview`, for a process of its own. */
export const commandFile = join(root, "apps/cli/dist/main.js");

/** What a command wrote, and its exit code. */
export interface Said {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** Runs the command in this process, as in a pipe. */
export const twinview = async (...argv: readonly string[]): Promise<Said> => {
  let [out, error] = ["", ""];
  const terminal = {
    out: (text: string): void => {
      out += text;
    },
    error: (text: string): void => {
      error += text;
    },
  };
  const code = await runCommand(terminal, argv);
  return { code, out, error };
};

/** Every file below a folder with its content, to see that nothing was lost. */
export const filesIn = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true })
      .map(String)
      .sort()
      .map((path) => [path, statSync(join(folder, path)).isDirectory() ? "" : readFileSync(join(folder, path)).toString("base64")]),
  );
