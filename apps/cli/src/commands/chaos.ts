import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { openGround, shortForm, type Trial, type Tried, tryOut } from "@twinview/chaos";
import { failure, fileError } from "@twinview/config";
import type { Terminal } from "../output.ts";
import { program } from "../program.ts";

/** A new folder in `parent`, which is made when missing. Throws a user error where it cannot be. */
const folderIn = async (parent: string): Promise<string> => {
  try {
    await mkdir(parent, { recursive: true });
    return await mkdtemp(join(parent, "twinview-chaos-"));
  } catch (error) {
    throw failure(fileError(error, parent, "make a folder for the trials"));
  }
};

const lineOf = ({ name, status, found, seconds, promise }: Tried): string =>
  `${status.padEnd(9)}${name.padEnd(16)}${promise}\n${"".padEnd(25)}${found} (${seconds.toFixed(0)}s)\n`;

/**
 * `twinview doctor --chaos FOLDER`: makes every fault a few times on this machine, in a folder of its own within that one, which is
 * removed when every promise held. Exit code 1 where one did not.
 */
export const chaosCommand = async (
  terminal: Terminal,
  { chaos, json }: { readonly chaos: string; readonly json: boolean },
  trials: readonly Trial[] = shortForm,
): Promise<number> => {
  const folder = await folderIn(resolve(chaos));
  const ground = openGround({ folder, program, seed: 0 });
  const started = performance.now();
  const all: Tried[] = [];
  for (const trial of trials) {
    const tried = await tryOut(trial, ground);
    all.push(tried);
    terminal.out(json ? `${JSON.stringify({ kind: "trial", ...tried })}\n` : lineOf(tried));
  }
  const count = (status: Tried["status"]): number => all.filter((each) => each.status === status).length;
  const [ok, failed, skipped] = [count("ok"), count("failed"), count("skipped")];
  if (failed === 0) await rm(folder, { recursive: true, force: true });
  const seconds = (performance.now() - started) / 1000;
  const kept = failed === 0 ? {} : { folder };
  const text = `${ok} held, ${failed} failed, ${skipped} skipped, in ${seconds.toFixed(0)}s${failed === 0 ? "" : `; what was left is in ${folder}`}`;
  terminal.out(json ? `${JSON.stringify({ kind: "chaos", ok, failed, skipped, seconds, ...kept })}\n` : `${text}\n`);
  return failed === 0 ? 0 : 1;
};
