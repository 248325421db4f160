import { describe, expect, it } from "vitest";
import { structureProblems } from "./import-rules.ts";
import { importsOf } from "./imports-of.ts";
import { type Manifest, readSourceTree, type SourceTree, type Workspace } from "./source-tree.ts";

const workspace = (folder: string, files: Readonly<Record<string, string>>, manifest: Partial<Manifest> = {}): Workspace => ({
  folder,
  manifest: { name: `@twinview/${folder.split("/").at(-1)}`, version: "1.0.0", ...manifest },
  files: Object.entries(files).map(([path, text]) => ({ path, imports: importsOf(text) })),
});

const layers = [
  { title: "0", packages: ["core"] },
  { title: "1", packages: ["nn", "loss"] },
  { title: "apps", packages: ["byol", "compare"] },
];
const core = workspace("packages/core", { "src/index.ts": "export const one = 1;" });
const nn = workspace(
  "packages/nn",
  { "src/index.ts": 'import { one } from "@twinview/core";' },
  { dependencies: { "@twinview/core": "1.0.0" } },
);
const loss = workspace("packages/loss", {});
const byol = workspace("apps/byol", {});
const compare = workspace("apps/compare", {});
const good: SourceTree = { layers, workspaces: [core, nn, loss, byol, compare], shared: ["vitest"] };

/** The problems of the good tree with one of its packages replaced. */
const problemsWith = (changed: Workspace): readonly string[] =>
  structureProblems({ ...good, workspaces: good.workspaces.map((each) => (each.folder === changed.folder ? changed : each)) });

describe("imports of a file", () => {
  it("sees every form of import, and none in comments or strings", () => {
    const text = [
      'import { a } from "a";',
      'import "b";',
      'export { c } from "c/lib/c.js";',
      'export type D = typeof import("d");',
      'const e = await import("e");',
      'require("f");',
      'require.resolve("g/package.json");',
      'packageFolder("h", version);',
      "import {",
      "  i,",
      '} from "i";',
      '// import "no1"',
      '/* from "no2" */',
      'const text = `import "no3"`;',
      `const also = 'from "no4"';`,
      'const url = "https://no5"; import "j";',
    ].join("\n");
    expect(importsOf(text).map(({ specifier }) => specifier)).toEqual([
      "a",
      "b",
      "c/lib/c.js",
      "d",
      "e",
      "f",
      "g/package.json",
      "h",
      "i",
      "j",
    ]);
    expect(importsOf(text).find(({ specifier }) => specifier === "j")?.line).toBe(16);
  });
});

describe("rules of the structure", () => {
  it("finds nothing in a good tree", () => {
    expect(structureProblems(good)).toEqual([]);
  });

  it("refuses an arrow that points up", () => {
    const up = workspace(
      "packages/core",
      { "src/index.ts": 'import { linear } from "@twinview/nn";' },
      { dependencies: { "@twinview/nn": "1.0.0" } },
    );
    expect(problemsWith(up)).toEqual([
      "packages/core/package.json: depends on @twinview/nn: the arrow does not point down (layer 0 to layer 1 of tooling/layers.json)",
    ]);
  });

  it("refuses an arrow within a layer, in development dependencies too", () => {
    const sideways = workspace(
      "packages/loss",
      { "src/info-nce.test.ts": 'import { linear } from "@twinview/nn";' },
      { devDependencies: { "@twinview/nn": "1.0.0" } },
    );
    expect(problemsWith(sideways)).toEqual([
      "packages/loss/package.json: depends on @twinview/nn: the arrow does not point down (layer 1 to layer 1 of tooling/layers.json)",
    ]);
  });

  it("refuses an import that package.json does not declare, an up arrow hidden that way included", () => {
    expect(problemsWith(workspace("packages/core", { "src/a.ts": '\nimport type { Linear } from "@twinview/nn";' }))).toEqual([
      'packages/core/src/a.ts:2: "@twinview/nn": @twinview/nn is not declared in packages/core/package.json',
    ]);
    expect(problemsWith(workspace("packages/loss", { "src/a.ts": 'import "vitest"; import * as E from "fp-ts/lib/Either.js";' }))).toEqual([
      'packages/loss/src/a.ts:1: "vitest": vitest is not declared in packages/loss/package.json',
      'packages/loss/src/a.ts:1: "fp-ts/lib/Either.js": fp-ts is not declared in packages/loss/package.json',
    ]);
    expect(problemsWith(workspace("packages/loss", { "src/a.test.ts": 'import "vitest";' }))).toEqual([]);
  });

  it("refuses a dependency that nothing imports, or only tests do", () => {
    const dependencies = { "@twinview/core": "1.0.0", sharp: "^1" };
    expect(problemsWith(workspace("packages/nn", { "src/a.test.ts": 'import "@twinview/core";' }, { dependencies }))).toEqual([
      "packages/nn/package.json: @twinview/core is declared but no source file imports it",
      "packages/nn/package.json: sharp is declared but no source file imports it",
    ]);
  });

  it("refuses deep imports and paths that leave the package", () => {
    const text = 'import "@twinview/core/dist/rng.js"; import "../../core/src/rng.ts"; import "./b.ts"; import "fs";';
    expect(problemsWith(workspace("packages/nn", { "src/a.ts": text }, { dependencies: { "@twinview/core": "1.0.0" } }))).toEqual([
      'packages/nn/src/a.ts:1: "@twinview/core/dist/rng.js": a deep import; import from @twinview/core',
      'packages/nn/src/a.ts:1: "../../core/src/rng.ts": leaves the package; import the other package by its name',
      'packages/nn/src/a.ts:1: "fs": write node:fs',
    ]);
  });

  it("lets compare import other apps and no other app", () => {
    const using = (from: string, to: string): Workspace =>
      workspace(`apps/${from}`, { "src/a.ts": `import "@twinview/${to}";` }, { dependencies: { [`@twinview/${to}`]: "1.0.0" } });
    expect(problemsWith(using("compare", "byol"))).toEqual([]);
    expect(problemsWith(using("byol", "compare"))).toEqual([
      "apps/byol/package.json: depends on @twinview/compare: only cli and compare may import other apps",
    ]);
  });

  it("asks for one version of everything, and for a layer of every package", () => {
    const old = workspace("packages/nn", { "src/a.ts": 'import "@twinview/core";' }, { dependencies: { "@twinview/core": "0.9.0" } });
    expect(problemsWith(old)).toEqual(["packages/nn/package.json: @twinview/core is at 1.0.0, not 0.9.0"]);
    const using = (folder: string, range: string): Workspace =>
      workspace(folder, { "src/a.ts": 'import "sharp";' }, { dependencies: { sharp: range } });
    expect(
      structureProblems({ ...good, workspaces: [core, using("packages/nn", "^1"), using("packages/loss", "^2"), byol, compare] }),
    ).toEqual(["packages/loss/package.json: sharp at ^2, elsewhere at ^1"]);
    expect(structureProblems({ ...good, workspaces: [core, nn, byol, compare, workspace("packages/optim", {})] })).toEqual([
      "layers.json: there is no package loss",
      "packages/optim: not in tooling/layers.json",
    ]);
  });
});

describe("this repository", () => {
  it("has no arrow that points up, no deep, undeclared or unused import", () => {
    const tree = readSourceTree();
    expect(tree.workspaces.flatMap(({ files }) => files).length).toBeGreaterThan(200);
    expect(structureProblems(tree)).toEqual([]);
  });
});
