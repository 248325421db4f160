// Runs a command on another Node, which comes as a package from the npm registry: node tooling/scripts/on-node.mjs 24 npm test
// Ends with the command's code; 3 where the registry has no such Node for this machine, or did not answer.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const [version, command, ...args] = process.argv.slice(2);
if (version === undefined || command === undefined) {
  console.error("error: usage: node tooling/scripts/on-node.mjs VERSION COMMAND ...");
  process.exit(2);
}

const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
const folder = join(tmpdir(), `twinview-${name}-${version}`);
const bin = join(folder, "package", "bin");
if (!existsSync(bin)) {
  mkdirSync(folder, { recursive: true });
  const packed = spawnSync("npm", ["pack", `${name}@${version}`, "--silent"], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  const file = readdirSync(folder).find((each) => each.endsWith(".tgz"));
  if (packed.status !== 0 || file === undefined) {
    console.error(`no Node ${version} for ${process.platform} ${process.arch} from the registry`);
    process.exit(3);
  }
  spawnSync("tar", ["xzf", file], { cwd: folder, stdio: "inherit" });
}

const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
const found = spawnSync("node", ["--version"], { env, encoding: "utf8" });
console.log(`Node ${found.stdout.trim()}: ${[command, ...args].join(" ")}`);
process.exit(spawnSync(command, args, { env, stdio: "inherit" }).status ?? 1);
