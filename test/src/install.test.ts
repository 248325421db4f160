import { readFileSync } from "node:fs";
import { join } from "node:path";
import { tell } from "@twinview/testkit";
import { describe, expect, it } from "vitest";
import { readSourceTree, root } from "./source-tree.ts";

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly hasInstallScript?: boolean;
}

const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as { readonly packages: Readonly<Record<string, Locked>> };
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  readonly allowScripts: Readonly<Record<string, boolean>>;
};

/** Every package from outside, by where it is installed. */
const foreign = Object.entries(lock.packages).filter(([path, { link }]) => path.includes("node_modules/") && link !== true);
const production = foreign.filter(([, { dev }]) => dev !== true);
const nameOf = (path: string): string => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);

const platforms = ["linux x64 glibc", "linux x64 musl", "linux arm64 glibc", "darwin arm64", "darwin x64", "win32 x64", "win32 arm64"];
/** The packages that a production install of every workspace puts on a platform. */
const installedOn = (platform: string): readonly string[] => {
  const [os = "", cpu = "", libc] = platform.split(" ");
  const fits = (allowed: readonly string[] | undefined, value: string | undefined): boolean =>
    allowed === undefined || (value !== undefined && allowed.includes(value));
  return production
    .filter(([, one]) => fits(one.os, os) && fits(one.cpu, cpu) && (one.libc === undefined || fits(one.libc, libc)))
    .map(([path]) => path);
};

describe("what an installation brings in", () => {
  it.each(platforms)("at most 60 packages in production on %s", (platform) => {
    const installed = installedOn(platform);
    expect(installed.length).toBeLessThanOrEqual(60);
    expect(installed.length).toBeGreaterThan(20); // the count itself works
    if (platform === "linux x64 glibc") tell("production-packages", { platform, packages: installed.length });
  });

  it("names no other place than the registry, and the hash of each", () => {
    const odd = foreign.filter(
      ([, { resolved, integrity = "" }]) =>
        (resolved !== undefined && !resolved.startsWith("https://registry.npmjs.org/")) || !/^sha512-/.test(integrity),
    );
    expect(foreign.length).toBeGreaterThan(50);
    expect(odd).toEqual([]);
  });

  it("runs no script of a package: the only one in production that has one is told not to", () => {
    expect([...new Set(production.filter(([, one]) => one.hasInstallScript === true).map(([path]) => nameOf(path)))]).toEqual([
      "onnxruntime-node",
    ]);
    expect(manifest.allowScripts["onnxruntime-node"]).toBe(false);
    expect(readFileSync(join(root, ".npmrc"), "utf8")).toMatch(/^onnxruntime-node-install=skip$/m);
  });
});

describe("models from outside", () => {
  it("no ONNX file is ever opened: onnxruntime stands in the child process alone, which is sent the models that the engine wrote", () => {
    const shipped = readSourceTree()
      .workspaces.filter(({ folder }) => /^(packages|apps)\//.test(folder))
      .flatMap(({ folder, files }) => files.map(({ path }) => `${folder}/${path}`))
      .filter((path) => path.includes("/src/") && !/\.(test|long)\./.test(path));
    expect(shipped.length).toBeGreaterThan(300);
    const naming = (pattern: RegExp): readonly string[] => shipped.filter((path) => pattern.test(readFileSync(join(root, path), "utf8")));
    expect(naming(/["']onnxruntime-(node|web|common)["']/)).toEqual(["packages/engine/src/child.ts"]);
    expect(naming(/InferenceSession\.create|loadSession/)).toEqual(["packages/engine/src/child.ts"]);
    expect(naming(/\bfrom "node:fs|readFile/)).not.toContain("packages/engine/src/child.ts");
  });
});
