// Installs TensorFlow for the tensorflow engine into a folder, from package registries alone: the usual install script of
// @tensorflow/tfjs-node downloads libtensorflow from another host, which many machines cannot reach. Here libtensorflow comes from
// the Python wheel tensorflow-cpu, and the binding is compiled. Linux on x64; needs npm, python3 with pip, and g++.
// Usage: node tooling/scripts/install-tensorflow.mjs FOLDER; then TWINVIEW_TENSORFLOW=FOLDER.
// Exit code 3 where a registry does not answer, 1 where anything else fails.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const versions = { "@tensorflow/tfjs-node": "4.22.0", "node-api-headers": "1.9.0", "tensorflow-cpu": "2.18.1" };

const stop = (text, code = 1) => {
  console.error(`install-tensorflow: ${text}`);
  process.exit(code);
};
const folder = process.argv[2] && resolve(process.argv[2]);
if (folder === undefined) stop("usage: node tooling/scripts/install-tensorflow.mjs FOLDER");
if (process.platform !== "linux" || process.arch !== "x64") stop("only for Linux on x64; elsewhere: npm install @tensorflow/tfjs-node");
const python = "python3";
for (const [program, flag] of [
  ["npm", "--version"],
  [python, "--version"],
  ["g++", "--version"],
])
  if (spawnSync(program, [flag]).status !== 0) stop(`needs ${program}, which does not run here`);

/** Runs a program that shows its own messages. */
const run = (program, args, cwd) => {
  if (spawnSync(program, args, { cwd, stdio: "inherit" }).status !== 0) stop(`${program} failed`);
};
const say = (text) => console.log(`install-tensorflow: ${text}`);
/** Runs a download; what fails without an answer of the registry is told apart from what fails otherwise. */
const download = (program, args, cwd) => {
  const { status, stderr } = spawnSync(program, args, { cwd, encoding: "utf8", stdio: ["ignore", "inherit", "pipe"] });
  if (status === 0) return;
  const unreachable = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|network|NewConnectionError|No matching distribution/i.test(
    stderr,
  );
  stop(`${program} ${args.join(" ")}\n${stderr.trim()}`, unreachable ? 3 : 1);
};

mkdirSync(folder, { recursive: true });
const scratch = mkdtempSync(join(folder, "download-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

say("packages from npm");
if (!existsSync(join(folder, "package.json"))) writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
const wanted = ["@tensorflow/tfjs-node", "node-api-headers"].map((name) => `${name}@${versions[name]}`);
download("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", ...wanted], folder);

say(`libtensorflow from the wheel tensorflow-cpu ${versions["tensorflow-cpu"]}, about 230 MB`);
// the C library is the same for every Python: the wheel is taken for one that it exists for
const wheel = [
  "--only-binary=:all:",
  "--no-deps",
  "--python-version",
  "3.11",
  "--platform",
  "manylinux2014_x86_64",
  "--implementation",
  "cp",
];
download(
  python,
  ["-m", "pip", "download", "-q", "--disable-pip-version-check", ...wheel, "-d", scratch, `tensorflow-cpu==${versions["tensorflow-cpu"]}`],
  folder,
);
const file = join(scratch, readdirSync(scratch).find((name) => name.endsWith(".whl")) ?? stop("pip downloaded no wheel"));
const unpack = `
import sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
headers = tuple("tensorflow/include/" + part for part in ("tensorflow/c/", "tensorflow/core/platform/", "tsl/", "xla/tsl/"))
wanted = lambda name: name.startswith("tensorflow/libtensorflow") or (name.endswith(".h") and name.startswith(headers))
wheel.extractall(sys.argv[2], [name for name in wheel.namelist() if wanted(name)])
`;
run(python, ["-c", unpack, file, scratch]);

const root = join(folder, "node_modules", "@tensorflow", "tfjs-node");
const lib = join(root, "deps", "lib");
rmSync(join(root, "deps"), { recursive: true, force: true });
mkdirSync(lib, { recursive: true });
renameSync(join(scratch, "tensorflow", "include"), join(root, "deps", "include"));
for (const name of ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"])
  renameSync(join(scratch, "tensorflow", name), join(lib, name));
symlinkSync("libtensorflow_cc.so.2", join(lib, "libtensorflow.so"));
symlinkSync("libtensorflow_framework.so.2", join(lib, "libtensorflow_framework.so"));

say("the binding, by g++");
const target = join(root, "lib", "napi-v8");
mkdirSync(target, { recursive: true });
const headers = join(folder, "node_modules", "node-api-headers", "include");
const sources = ["tfjs_backend.cc", "tfjs_binding.cc"].map((name) => join("binding", name));
const flags = ["-std=c++17", "-O2", "-shared", "-fPIC", "-w", "-DNAPI_VERSION=8", "-DNODE_GYP_MODULE_NAME=tfjs_binding"];
const libraries = ["-Ldeps/lib", "-ltensorflow", "-ltensorflow_framework", "-Wl,-rpath,$ORIGIN/../../deps/lib"];
const output = ["-o", join(target, "tfjs_binding.node")];
run("g++", [...flags, `-I${headers}`, "-Ideps/include", "-I..", ...sources, ...output, ...libraries], root);
say(`done; use it with: export TWINVIEW_TENSORFLOW=${folder}`);
