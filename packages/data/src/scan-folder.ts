import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { extname, join, sep } from "node:path";
import { refuse } from "./data-error.ts";
import { imageExtensions, reasonOf } from "./decode.ts";
import type { BadFile } from "./source.ts";

/** What lies in a folder of images. */
export interface Scan {
  /** The real path of the folder. */
  readonly root: string;
  /** Image files relative to the root, forward slashes, sorted by code unit: the same order on every machine. */
  readonly paths: readonly string[];
  /** Links that lead outside the folder and were not followed, relative to the root. */
  readonly leadsOutside: readonly string[];
  /** Image files that cannot be opened by any name, as names are texts here. */
  readonly unnameable: readonly BadFile[];
}

const isImage = (name: string): boolean => imageExtensions.includes(extname(name).toLowerCase());

/** Names of system files that are not data. */
const isHidden = (name: string): boolean => name.startsWith(".") || name === "__MACOSX";

/** Whether bytes of a name were no UTF-8: Node then puts this mark in their place, and the file cannot be found under that name. */
const isUnnameable = (name: string): boolean => name.includes("\ufffd");

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const entriesOf = async (folder: string): Promise<readonly Dirent[]> => {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (thrown) {
    const reason = isUnnameable(folder) ? "its name is not UTF-8" : reasonOf(thrown).message;
    return refuse("data-read", `cannot read a folder: ${reason}`, { where: folder, fix: "rename it, or mend its permissions" });
  }
};

/**
 * Finds the image files in a folder and its subfolders. Hidden names are skipped; links are followed only inside the folder, never in a
 * circle, and of several links to one folder only the first: links that branch again and again would have no end.
 */
export const scanFolder = async (dir: string): Promise<Scan> => {
  const root = await realpath(dir);
  const inside = (real: string): boolean => real === root || real.startsWith(root.endsWith(sep) ? root : root + sep);
  const paths: string[] = [];
  const leadsOutside: string[] = [];
  const unnameable: BadFile[] = [];
  const followed = new Set<string>();

  const visit = async (relative: string, trail: readonly string[]): Promise<void> => {
    for (const entry of await entriesOf(join(root, relative))) {
      if (isHidden(entry.name)) continue;
      const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
      if (entry.isSymbolicLink()) await followLink(path, trail);
      else if (entry.isDirectory()) await visit(path, [...trail, join(root, path)]);
      else if (!entry.isFile() || !isImage(entry.name)) continue;
      else if (isUnnameable(entry.name) && !(await exists(join(root, path)))) unnameable.push({ path, reason: "its name is not UTF-8" });
      else paths.push(path);
    }
  };
  const followLink = async (path: string, trail: readonly string[]): Promise<void> => {
    const real = await realpath(join(root, path)).catch(() => undefined);
    if (real === undefined) return; // leads nowhere, or around in a circle
    if (!inside(real)) {
      leadsOutside.push(path);
      return;
    }
    const target = await stat(real);
    if (target.isFile() && isImage(path)) paths.push(path);
    if (!target.isDirectory() || trail.includes(real) || followed.has(real)) return;
    followed.add(real);
    await visit(path, [...trail, real]);
  };

  await visit("", [root]);
  return { root, paths: paths.sort(), leadsOutside: leadsOutside.sort(), unnameable };
};
