// Compiles the kernels beside this file and writes src/kernels-binary.ts. AssemblyScript is no dependency of the project:
//     npx --yes --package assemblyscript@0.28.20 node packages/augment/kernels/build.mjs
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const here = import.meta.dirname;
const sources = readdirSync(here)
  .filter((name) => name.endsWith(".ts"))
  .sort();
const hash = createHash("sha256");
for (const name of sources) hash.update(readFileSync(join(here, name)));

const folder = mkdtempSync(join(tmpdir(), "twinview-kernels-"));
const out = join(folder, "kernels.wasm");
execFileSync("asc", ["index.ts", "-O3", "--converge", "--noAssert", "--runtime", "stub", "--enable", "simd", "--outFile", out], {
  cwd: here,
  stdio: "inherit",
});
const base64 = readFileSync(out).toString("base64");
rmSync(folder, { recursive: true });

const lines = base64.match(/.{1,120}/g).map((line) => `  "${line}",`);
writeFileSync(
  join(here, "../src/kernels-binary.ts"),
  `// Written by kernels/build.mjs from the files beside it: not to be edited.

/** SHA-256 of the sources, in the order of their names. */
export const sourcesDigest = "${hash.digest("hex")}";

/** The WebAssembly module, in base64. */
export const kernelsBinary: string = [
${lines.join("\n")}
].join("");
`,
);
