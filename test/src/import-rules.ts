import { isBuiltin } from "node:module";
import { posix } from "node:path";
import type { SourceFile, SourceTree, Workspace } from "./source-tree.ts";

const scope = "@twinview/";

/** The package a specifier names: `fp-ts` for `fp-ts/lib/Either.js`. */
const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

/** Tests and what only they use: `x.test.ts`, `x.long.ts`, `x.test.kit.ts`. Workspaces that are not published hold only such code. */
const isTest = ({ path }: SourceFile): boolean => /\.(test|long|type-test)\./.test(path) || /(^|\/)(golden|scripts)\//.test(path);

const runtimeOf = ({ manifest }: Workspace): Readonly<Record<string, string>> => ({
  ...manifest.dependencies,
  ...manifest.peerDependencies,
  ...manifest.optionalDependencies,
});

const declaredOf = (workspace: Workspace): Readonly<Record<string, string>> => ({
  ...runtimeOf(workspace),
  ...workspace.manifest.devDependencies,
});

const shortName = (name: string): string => name.replace(scope, "");

/** Each package and app is in exactly one layer, and each name in the table exists. */
const layerTable = ({ layers, workspaces }: SourceTree): readonly string[] => {
  const listed = layers.flatMap(({ packages }) => packages);
  const layered = workspaces.filter(({ folder }) => /^(packages|apps)\//.test(folder));
  const names = layered.map(({ manifest }) => shortName(manifest.name));
  const twice = listed.filter((name, i) => listed.indexOf(name) !== i).map((name) => `layers.json: ${name} is listed twice`);
  const unknown = listed.filter((name) => !names.includes(name)).map((name) => `layers.json: there is no package ${name}`);
  const missing = layered
    .filter(({ manifest }) => !listed.includes(shortName(manifest.name)))
    .map(({ folder }) => `${folder}: not in tooling/layers.json`);
  const misnamed = layered
    .filter(({ folder, manifest }) => manifest.name !== scope + posix.basename(folder))
    .map(({ folder, manifest }) => `${folder}: its name is ${manifest.name}, not that of its folder`);
  return [...twice, ...unknown, ...missing, ...misnamed];
};

/** Whether one workspace may depend on another; the reason if not. */
const arrowProblem = (tree: SourceTree, from: Workspace, to: Workspace, testsOnly: boolean): string | undefined => {
  const top = (workspace: Workspace): string => workspace.folder.split("/")[0] as string;
  const layerOf = ({ manifest }: Workspace): number => tree.layers.findIndex(({ packages }) => packages.includes(shortName(manifest.name)));
  if (top(to) === "test") return "nothing depends on the tests";
  if (top(from) === "tooling" || top(from) === "test") return undefined;
  if (top(to) === "tooling") return testsOnly ? undefined : "tooling is for development only";
  if (top(from) === "apps" && top(to) === "apps")
    return ["cli", "compare"].includes(shortName(from.manifest.name)) && shortName(to.manifest.name) !== "cli"
      ? undefined
      : "only cli and compare may import other apps";
  return layerOf(to) < layerOf(from)
    ? undefined
    : `the arrow does not point down (layer ${layerOf(from)} to layer ${layerOf(to)} of tooling/layers.json)`;
};

const declaredArrows = (tree: SourceTree, workspace: Workspace): readonly string[] =>
  Object.entries(declaredOf(workspace)).flatMap(([name, range]) => {
    const where = `${workspace.folder}/package.json`;
    const target = tree.workspaces.find(({ manifest }) => manifest.name === name);
    if (target === undefined) return name.startsWith(scope) ? [`${where}: ${name} does not exist`] : [];
    const problem = arrowProblem(tree, workspace, target, !(name in runtimeOf(workspace)));
    return [
      ...(problem === undefined ? [] : [`${where}: depends on ${name}: ${problem}`]),
      ...(range === target.manifest.version ? [] : [`${where}: ${name} is at ${target.manifest.version}, not ${range}`]),
    ];
  });

const importProblem = (tree: SourceTree, workspace: Workspace, file: SourceFile, specifier: string): string | undefined => {
  if (specifier.startsWith("node:")) return undefined;
  if (isBuiltin(specifier)) return `write node:${specifier}`;
  if (specifier.startsWith(".")) {
    const target = posix.join(posix.dirname(file.path), specifier);
    return target.startsWith("../") ? "leaves the package; import the other package by its name" : undefined;
  }
  if (specifier.startsWith("/") || specifier.includes(":")) return "neither a package nor a file beside this one";
  const name = packageOf(specifier);
  if (name === workspace.manifest.name) return "a package does not import itself by name";
  if (name.startsWith(scope) && specifier !== name) return `a deep import; import from ${name}`;
  const allowed = isTest(file) ? [...Object.keys(declaredOf(workspace)), ...tree.shared] : Object.keys(runtimeOf(workspace));
  if (workspace.folder === "test") allowed.push(...tree.shared);
  return allowed.includes(name) ? undefined : `${name} is not declared in ${workspace.folder}/package.json`;
};

const imports = (tree: SourceTree, workspace: Workspace): readonly string[] =>
  workspace.files.flatMap((file) =>
    file.imports.flatMap(({ specifier, line }) => {
      const problem = importProblem(tree, workspace, file, specifier);
      return problem === undefined ? [] : [`${workspace.folder}/${file.path}:${line}: "${specifier}": ${problem}`];
    }),
  );

const unused = (workspace: Workspace): readonly string[] => {
  const usedBy = (files: readonly SourceFile[]): ReadonlySet<string> =>
    new Set(files.flatMap((file) => file.imports.map(({ specifier }) => packageOf(specifier))));
  if (workspace.folder === "test") return []; // the tests across packages may use every package
  const everywhere = usedBy(workspace.files);
  const shipped = usedBy(workspace.files.filter((file) => !isTest(file)));
  const problems = (names: readonly string[], used: ReadonlySet<string>, what: string): readonly string[] =>
    names
      .filter((name) => !used.has(name))
      .map((name) => `${workspace.folder}/package.json: ${name} is declared but no ${what} imports it`);
  return [
    ...problems(Object.keys(runtimeOf(workspace)), shipped, "source file"),
    ...problems(Object.keys(workspace.manifest.devDependencies ?? {}), everywhere, "file"),
  ];
};

/** One range for each third-party package in the whole repository. */
const ranges = ({ workspaces }: SourceTree): readonly string[] => {
  const found = new Map<string, string>();
  return workspaces.flatMap((workspace) =>
    Object.entries(declaredOf(workspace)).flatMap(([name, range]) => {
      const before = found.get(name) ?? range;
      found.set(name, before);
      return before === range ? [] : [`${workspace.folder}/package.json: ${name} at ${range}, elsewhere at ${before}`];
    }),
  );
};

/** Everything in a tree of packages that breaks a rule of the structure, one sentence each; empty for a good tree. */
export const structureProblems = (tree: SourceTree): readonly string[] => [
  ...layerTable(tree),
  ...tree.workspaces.flatMap((workspace) => [...declaredArrows(tree, workspace), ...imports(tree, workspace), ...unused(workspace)]),
  ...ranges(tree),
];
