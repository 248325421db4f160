// `tsc -b` leaves the output of deleted sources behind; a stale compiled test would still run. Remove what has no source.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const folders = ["packages", "apps", "tooling"]
  .flatMap((top) => readdirSync(join(root, top)).map((name) => join(root, top, name)))
  .concat(join(root, "test"));
for (const folder of folders.filter((path) => existsSync(join(path, "dist")))) {
  for (const entry of readdirSync(join(folder, "dist"), { recursive: true, withFileTypes: true })) {
    const built = join(entry.parentPath, entry.name);
    const source = built.replace(join(folder, "dist"), join(folder, "src")).replace(/(\.d\.ts|\.js)(\.map)?$/, ".ts");
    if (entry.isFile() && source.endsWith(".ts") && !existsSync(source)) rmSync(built);
  }
}
