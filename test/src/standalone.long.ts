import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ended, runChild, runNode } from "./child.ts";
import { readSourceTree, root } from "./source-tree.ts";

const published = readSourceTree().workspaces.filter(({ folder }) => /^(packages|apps)\//.test(folder));
const scratch = mkdtempSync(join(tmpdir(), "twinview-standalone-"));
const [tarballs, project] = [join(scratch, "tarballs"), join(scratch, "project")];

const ok = async (ended: Promise<Ended>): Promise<Ended> => {
  const result = await ended;
  expect(result.code, result.error).toBe(0);
  return result;
};

/** What the types of the installed packages must accept and refuse; refusing shows that they have arrived and are not `any`. */
const typed = `import { mocoV3 } from "@twinview/methods";
import { adamw, constant } from "@twinview/optim";
import { experiment } from "@twinview/train";
import { mini, vit } from "@twinview/vit";
const parts = { encoder: vit({ size: mini, patch: 7, image: 28 }), method: mocoV3(), optimizer: adamw(), seed: 0, image: 28, batch: 8, steps: 1 };
const schedules = { lr: constant(1), wd: constant(1), momentum: constant(1) };
experiment({ ...parts, schedules }).views[0]?.size;
// @ts-expect-error a schedule is missing
experiment({ ...parts, schedules: { lr: schedules.lr, wd: schedules.wd } });
// @ts-expect-error a schedule is misspelt
experiment({ ...parts, schedules: { lr: schedules.lr, wd: schedules.wd, momentun: schedules.wd } });
`;

beforeAll(async () => {
  mkdirSync(tarballs);
  mkdirSync(project);
  const workspaces = published.map(({ folder }) => `--workspace=${folder}`);
  await ok(runChild("npm", ["pack", "--silent", `--pack-destination=${tarballs}`, ...workspaces], { cwd: root }));
  const files = readdirSync(tarballs).map((file) => [
    `@twinview/${file.replace(/^twinview-(.*)-\d.*$/, "$1")}`,
    `file:${join(tarballs, file)}`,
  ]);
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, dependencies: Object.fromEntries(files) }));
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];
  await ok(runChild("npm", ["install", ...quiet], { cwd: project }));
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("packages installed from their tarballs in an empty project", () => {
  it.each(published.map(({ manifest }) => manifest.name))("%s is there, without tests, and loads alone without a word", async (name) => {
    const files = readdirSync(join(project, "node_modules", name), { recursive: true }).map(String);
    expect(files).toContain(join("dist", "index.js"));
    expect(files.filter((file) => /\.(test|long)\.|tsbuildinfo|^src/.test(file))).toEqual([]);
    const program = `const all = await import(${JSON.stringify(name)}); if (Object.keys(all).length === 0) throw new Error("exports nothing");`;
    const { out, error } = await ok(runNode(["--input-type=module", "--eval", program], { cwd: project }));
    expect([out, error]).toEqual(["", ""]);
  });

  it("compose three training steps in ten lines", async () => {
    copyFileSync(join(root, "docs/examples/ten-lines.mjs"), join(project, "ten-lines.mjs"));
    const { out } = await ok(runNode(["ten-lines.mjs"], { cwd: project, env: { ...process.env, XDG_CACHE_HOME: join(scratch, "cache") } }));
    const losses = [...out.matchAll(/^step (\d): loss (\d\.\d{4})$/gm)].map(([, step, loss]) => [Number(step), Number(loss)] as const);
    expect(losses.map(([step]) => step)).toEqual([1, 2, 3]);
    const chance = 4 * 0.2 * Math.log(64); // two directions of 2 tau log(batch): what a network without any idea loses
    for (const [, loss] of losses) expect(Math.abs(loss - chance)).toBeLessThan(0.25 * chance);
  });

  it("bring their types", async () => {
    writeFileSync(join(project, "typed.mts"), typed);
    const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2023", "--skipLibCheck", "--types", ""];
    const { out } = await runNode([join(root, "node_modules/typescript/bin/tsc"), ...options, "typed.mts"], { cwd: project });
    expect(out).toBe("");
  });

  it("bring the command", async () => {
    const { out } = await ok(runNode([join(project, "node_modules/.bin/twinview"), "--help"], { cwd: project }));
    expect(out).toContain("twinview: self-supervised pre-training of vision encoders");
  });
});
