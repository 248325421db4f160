import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type Import, importsOf } from "./imports-of.ts";

/** The parts of a package.json that say what it may use. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface SourceFile {
  /** Path below the workspace's folder, with slashes. */
  readonly path: string;
  readonly imports: readonly Import[];
}

/** A folder with a package.json: `packages/loss`. */
export interface Workspace {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly files: readonly SourceFile[];
}

export interface Layer {
  readonly title: string;
  readonly packages: readonly string[];
}

export interface SourceTree {
  readonly layers: readonly Layer[];
  readonly workspaces: readonly Workspace[];
  /** Development dependencies of the whole repository: what tests everywhere may import. */
  readonly shared: readonly string[];
}

/** The top of the repository; tests run from test/dist. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Sources, and of what was built the declarations: inferred types can name packages that no source imports. */
const isRead = (path: string): boolean =>
  /(^|[\\/])dist[\\/]/.test(path) ? path.endsWith(".d.ts") : /\.(ts|mts|cts|js|mjs|cjs)$/.test(path);

const filesOf = (folder: string): readonly SourceFile[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => isRead(path) && !/(^|[\\/])node_modules[\\/]/.test(path))
    .map((path) => ({ path: path.replaceAll("\\", "/"), imports: importsOf(readFileSync(join(folder, path), "utf8")) }));

/** Reads every workspace of the repository with the imports of all its source files. */
export const readSourceTree = (): SourceTree => {
  const json = (path: string): unknown => JSON.parse(readFileSync(join(root, path), "utf8"));
  const folders = ["packages", "apps", "tooling"]
    .flatMap((top) => readdirSync(join(root, top)).map((name) => `${top}/${name}`))
    .concat("test")
    .filter((folder) => existsSync(join(root, folder, "package.json")));
  const workspaces = folders.map((folder) => ({
    folder,
    manifest: json(`${folder}/package.json`) as Manifest,
    files: filesOf(join(root, folder)),
  }));
  const shared = Object.keys((json("package.json") as Manifest).devDependencies ?? {});
  return { layers: json("tooling/layers.json") as readonly Layer[], workspaces, shared };
};
