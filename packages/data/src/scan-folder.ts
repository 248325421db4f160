import { readdir, realpath, stat } from "node:fs/promises";
import { extname, join, sep } from "node:path";
import { imageExtensions } from "./decode.ts";

/** What lies in a folder of images. */
export interface Scan {
  /** The real path of the folder. */
  readonly root: string;
  /** Image files relative to the root, forward slashes, sorted by code unit: the same order on every machine. */
  readonly paths: readonly string[];
  /** Links that lead outside the folder and were not followed, relative to the root. */
  readonly leadsOutside: readonly string[];
}

const isImage = (name: string): boolean => imageExtensions.includes(extname(name).toLowerCase());

/** Names of system files that are not data. */
const isHidden = (name: string): boolean => name.startsWith(".") || name === "__MACOSX";

/**
 * Finds the image files in a folder and its subfolders. Hidden names are skipped; links are followed only inside the folder, and
 * never in a circle.
 */
export const scanFolder = async (dir: string): Promise<Scan> => {
  const root = await realpath(dir);
  const inside = (real: string): boolean => real === root || real.startsWith(root.endsWith(sep) ? root : root + sep);
  const paths: string[] = [];
  const leadsOutside: string[] = [];

  const visit = async (relative: string, trail: readonly string[]): Promise<void> => {
    for (const entry of await readdir(join(root, relative), { withFileTypes: true })) {
      if (isHidden(entry.name)) continue;
      const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
      if (entry.isSymbolicLink()) await followLink(path, trail);
      else if (entry.isDirectory()) await visit(path, [...trail, join(root, path)]);
      else if (entry.isFile() && isImage(entry.name)) paths.push(path);
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
    if (target.isDirectory() && !trail.includes(real)) await visit(path, [...trail, real]);
    else if (target.isFile() && isImage(path)) paths.push(path);
  };

  await visit("", [root]);
  return { root, paths: paths.sort(), leadsOutside: leadsOutside.sort() };
};
