// Writes every tsconfig.json from the package.json files, so that project references never disagree with dependencies.
// `--check` writes nothing and fails on a difference.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const check = process.argv.includes("--check");
const folders = ["packages", "apps", "tooling"]
  .flatMap((top) => readdirSync(join(root, top)).map((name) => join(top, name)))
  .concat("test")
  .filter((folder) => existsSync(join(root, folder, "src")) && existsSync(join(root, folder, "package.json")));
const manifests = new Map(folders.map((folder) => [folder, JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"))]));
const folderOf = new Map([...manifests].map(([folder, manifest]) => [manifest.name, folder]));

const wanted = new Map();
for (const [folder, manifest] of manifests) {
  const internal = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }).filter((name) => folderOf.has(name));
  wanted.set(join(folder, "tsconfig.json"), {
    extends: `${relative(folder, ".")}/tsconfig.base.json`,
    compilerOptions: { rootDir: "src", outDir: "dist", tsBuildInfoFile: "dist/.tsbuildinfo" },
    include: ["src"],
    references: internal.map((name) => ({ path: relative(folder, folderOf.get(name)) })),
  });
}
wanted.set("tsconfig.json", { files: [], references: folders.map((path) => ({ path })) });

let differ = 0;
for (const [file, value] of wanted) {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  const path = join(root, file);
  if (existsSync(path) && JSON.stringify(JSON.parse(readFileSync(path, "utf8"))) === JSON.stringify(value)) continue;
  differ++;
  if (check) console.error(`${file}: references differ from package.json; run \`node tooling/scripts/references.mjs\``);
  else writeFileSync(path, text);
}
if (check && differ > 0) process.exitCode = 1;
