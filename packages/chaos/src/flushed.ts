import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { start } from "./command.ts";
import { saidBy } from "./small-run.ts";
import { type SystemCall, systemCalls } from "./system-calls.ts";
import type { Trial } from "./trial.ts";

const lastIndex = (calls: readonly SystemCall[], before: number, holds: (call: SystemCall) => boolean): number =>
  calls.slice(0, before).findLastIndex(holds);

/** Which of the flushes that make a checkpoint lasting are missing from a trace, of all that should be there. */
export const unflushed = (
  calls: readonly SystemCall[],
): { readonly renames: number; readonly checked: number; readonly missing: readonly string[] } => {
  const missing: string[] = [];
  let [renames, checked] = [0, 0];
  const expected = (holds: boolean, text: string): void => {
    checked++;
    if (!holds) missing.push(text);
  };
  calls.forEach((call, at) => {
    const [, from, checkpoints, step] = /"((.*)\/(step-\d+)\.partial)", .*"\2\/\3"/.exec(call.args) ?? [];
    if (!call.name.startsWith("rename") || from === undefined) return;
    renames++;
    const inside = (path: string | undefined): boolean => path?.startsWith(`${from}/`) === true;
    const pathOf = ({ args }: SystemCall): string | undefined => /^\d+<([^>]*)>/.exec(args)?.[1];
    const isFlush = ({ name }: SystemCall): boolean => name === "fsync" || name === "fdatasync";
    const written = calls.slice(0, at).filter(({ name }) => /^p?writev?(64)?$/.test(name));
    for (const path of new Set(written.map(pathOf).filter(inside))) {
      const write = lastIndex(calls, at, (each) => /^p?writev?/.test(each.name) && pathOf(each) === path);
      const flush = lastIndex(calls, at, (each) => isFlush(each) && pathOf(each) === path);
      expected(flush > write, `${step}: ${path?.slice(from.length + 1)} was not flushed before the rename`);
    }
    const made = lastIndex(calls, at, ({ name, args }) => name === "openat" && args.includes("O_CREAT") && args.includes(`"${from}/`));
    const folder = lastIndex(calls, at, (each) => isFlush(each) && pathOf(each) === from);
    expected(folder > made, `${step}: its folder was not flushed before the rename`);
    const names = calls.findIndex((each, i) => i > at && isFlush(each) && pathOf(each) === checkpoints);
    expected(names > at, `${step}: the rename was not flushed`);
  });
  return { renames, checked, missing };
};

const traced = "openat,write,pwrite64,writev,pwritev,fsync,fdatasync,rename,renameat,renameat2";

/** The calls of the operating system behind two saves, on which the trial of power cuts relies: what is written is flushed before it is renamed. */
export const flushed: Trial = {
  name: "flushed",
  promise: "every file of a checkpoint, its folder and the new name are flushed to the disk in the order that survives a power cut",
  run: async ({ folder }) => {
    const output = join(folder, "calls");
    const program = [process.execPath, fileURLToPath(new URL("./save-twice.js", import.meta.url)), join(folder, "run")];
    const ended = await start(["strace", "-f", "-y", "-e", `trace=${traced}`, "-o", output, ...program]).ended.catch(() => undefined);
    if (ended === undefined) return { skipped: "strace is not installed" };
    if (ended.code !== 0) return { skipped: `strace does not work here: ${saidBy(ended)}` };
    const { renames, checked, missing } = unflushed(systemCalls(await readFile(output, "utf8")));
    const found = `${checked} flushes around ${renames} renames`;
    return { tried: checked, held: renames === 2 ? checked - missing.length : 0, found: [found, ...missing].join("; ") };
  },
};
