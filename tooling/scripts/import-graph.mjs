// Draws the packages and their dependencies, layer by layer, from the package.json files into docs/architecture.md, between
// the two markers. `--check` writes nothing and fails when the picture is out of date.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const page = join(root, "docs/architecture.md");
const layers = JSON.parse(readFileSync(join(root, "tooling/layers.json"), "utf8"));
const layerOf = new Map(layers.flatMap(({ packages }, level) => packages.map((name) => [name, level])));

const manifests = ["packages", "apps"].flatMap((top) =>
  readdirSync(join(root, top)).map((name) => JSON.parse(readFileSync(join(root, top, name, "package.json"), "utf8"))),
);
const short = (name) => name.replace("@twinview/", "");
const edges = manifests.flatMap((manifest) =>
  Object.keys(manifest.dependencies ?? {})
    .filter((name) => name.startsWith("@twinview/"))
    .map((name) => [short(manifest.name), short(name)]),
);

/** Edges that follow from others (a -> b -> c makes a -> c redundant) are left out of the picture. */
const reaches = (from, to, seen = new Set()) =>
  edges.some(([a, b]) => a === from && !seen.has(b) && (b === to || reaches(b, to, seen.add(b))));
const essential = edges.filter(([a, b]) => !edges.some(([c, d]) => c === a && d !== b && reaches(d, b)));

const groups = layers.map(({ title }, level) => {
  const names = manifests.map((manifest) => short(manifest.name)).filter((name) => layerOf.get(name) === level);
  return `  subgraph L${level}["${title}"]\n${names.map((name) => `    ${name.replaceAll("-", "_")}["${name}"]`).join("\n")}\n  end`;
});
const arrows = essential.map(([a, b]) => `  ${a.replaceAll("-", "_")} --> ${b.replaceAll("-", "_")}`);
const picture = ["```mermaid", "flowchart TB", ...groups.reverse(), ...arrows.sort(), "```"].join("\n");

const [begin, end] = ["<!-- import graph: begin -->", "<!-- import graph: end -->"];
const text = readFileSync(page, "utf8");
const [head, rest] = text.split(begin);
const tail = rest?.split(end)[1];
if (tail === undefined) throw new Error(`docs/architecture.md lacks the markers ${begin} and ${end}`);
const updated = `${head}${begin}\n${picture}\n${end}${tail}`;
if (process.argv.includes("--check")) {
  if (updated !== text) {
    console.error("docs/architecture.md: the import graph is out of date; run `node tooling/scripts/import-graph.mjs`");
    process.exitCode = 1;
  }
} else writeFileSync(page, updated);
