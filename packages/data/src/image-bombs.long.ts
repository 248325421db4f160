import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tell } from "@twinview/testkit";
import { expect, test } from "vitest";
import { plain } from "./handmade-files.test.kit.ts";
import { imageBombs } from "./image-bombs.test.kit.ts";
import { picture, tempFolder, write } from "./made-images.test.fixture.ts";

const child = fileURLToPath(new URL("./image-bombs.long.child.js", import.meta.url));

test("bombs are refused or read in less than 64 MB and a second each", async () => {
  const dir = tempFolder();
  const bombs = await imageBombs();
  for (const { name, bytes } of bombs) {
    writeFileSync(join(dir, name), bytes);
    expect(bytes.length, name).toBeLessThan(2 ** 20);
  }
  const formats = ["jpeg", "png", "webp", "avif", "gif"] as const;
  await write(dir, Object.fromEntries(formats.map((format) => [`sound.${format}`, picture(400, 300, 1).toFormat(format).toBuffer()])));
  await write(dir, { "large.gif": plain(6000, 6000).gif({ effort: 1 }).toBuffer() }); // within the limit: the measure must see it
  const names = [formats.map((format) => `sound.${format}`), [...bombs.map(({ name }) => name), "large.gif"]].map((list) => list.join(","));
  const out = execFileSync(process.execPath, [child, dir, ...names], { encoding: "utf8" });
  const all = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { name: string; said: readonly string[]; ms: number; extraBytes: number });
  const found = all.slice(0, -1);
  expect(all.at(-1)?.extraBytes).toBeGreaterThan(64 * 2 ** 20);
  expect(found.map(({ name }) => name)).toEqual(bombs.map(({ name }) => name));
  for (const [i, { name, said, ms, extraBytes }] of found.entries()) {
    if (bombs[i]?.fate === "refused")
      for (const one of said) expect(one, name).toMatch(/exceeds pixel limit|not a JPEG, PNG, WebP, AVIF or GIF file/);
    else for (const one of said) expect(one, name).toMatch(/^16x16$|.{6}/);
    expect(ms, name).toBeLessThan(1000);
    expect(extraBytes, name).toBeLessThan(64 * 2 ** 20);
  }
  const most = (key: "ms" | "extraBytes"): number => Math.max(...found.map((one) => one[key]));
  tell("image-bombs", { bombs: found.length, mostMilliseconds: Math.round(most("ms")), mostExtraBytes: most("extraBytes") });
});
