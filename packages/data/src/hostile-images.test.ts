import { createHash } from "node:crypto";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { asymmetricPair } from "@twinview/augment";
import { describe, expect, it } from "vitest";
import { openDecoder } from "./decode.ts";
import { hostileFolder } from "./hostile-folder.test.kit.ts";
import { hostileImages } from "./hostile-images.test.kit.ts";
import { imageFolder } from "./image-folder.ts";
import { type Batch, openLoader } from "./loader.ts";
import { picture, tempFolder, write } from "./made-images.test.fixture.ts";
import { readImages } from "./read-images.ts";
import type { Source } from "./source.ts";

const all = { share: 1 };

const sourceOf = async (dir: string): Promise<Source> => {
  const result = await imageFolder(dir, { residentBytes: 0, badLimit: all })();
  if (result._tag === "Left") throw new Error(JSON.stringify(result.left));
  return result.right;
};

const digest = ({ indices, views }: Batch): string => {
  const hash = createHash("sha256").update(indices);
  for (const bytes of views) hash.update(bytes);
  return hash.digest("hex");
};

describe("hostile images", () => {
  it("are more than three hundred, and the same each time", async () => {
    const [files, again] = [await hostileImages(), await hostileImages()];
    expect(files.length).toBeGreaterThanOrEqual(300);
    expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
    for (const [i, { name, bytes }] of files.entries()) expect(Buffer.compare(bytes, again[i]?.bytes ?? Buffer.alloc(0)), name).toBe(0);
  });

  it("are decoded or refused with a reason, as they must be, in less than five seconds each", async () => {
    const dir = tempFolder();
    const { fates, odd, close } = await hostileFolder(dir, tempFolder());
    const { decode, sizeOf } = openDecoder(dir);
    const fateOf = async (name: string): Promise<string> => {
      const began = performance.now();
      const fate = await decode(name, 16).then(
        ({ width, height, data }) => (data.length === width * height * 3 ? "sound" : "cut"),
        ({ message }: Error) => `refused: ${message}`,
      );
      await sizeOf(name).catch((thrown: Error) => expect(thrown.message.length, name).toBeGreaterThan(5));
      expect(performance.now() - began, name).toBeLessThan(5000);
      return fate;
    };
    for (const [name, fate] of fates) {
      const found = await fateOf(name);
      expect(found, name).toMatch(fate === "either" ? /^sound$|^refused: .{5}/ : fate === "sound" ? /^sound$/ : /^refused: .{5}/);
      expect(found, name).not.toContain("\n");
    }
    for (const [name, reason] of Object.entries(odd)) expect([name, await fateOf(name)]).toEqual([name, `refused: ${reason}`]);
    close();
  });

  it("are each named with its reason by a source and its loader; the batches are the same for any number of threads", async () => {
    const dir = tempFolder();
    const { fates, close } = await hostileFolder(dir, tempFolder());
    const source = await sourceOf(dir);
    close();
    const left = new Map(source.bad?.map(({ path, reason }) => [path, reason]));
    expect(left.get("caf\ufffd.png")).toBe("its name is not UTF-8");
    const paths = source.content.kind === "files" ? source.content.paths : [];
    expect([...paths, ...left.keys()].sort()).toEqual([...fates.keys(), "caf\ufffd.png"].sort());
    const options = { source, views: asymmetricPair({ size: 8 }), batch: 20, seed: 3, badLimit: all };
    const runs = [0, 1, 2, 3].map(async (workers) => {
      const loader = openLoader({ ...options, workers });
      const digests: string[] = [];
      for (let step = 0; step < 2 * loader.stepsPerEpoch; step++) digests.push(digest(await loader.next()));
      await loader.close();
      return { digests, bad: loader.badFiles() };
    });
    const [first, ...others] = await Promise.all(runs);
    for (const other of others) expect(other.digests).toEqual(first?.digests);
    const { bad } = await readImages(
      source,
      paths.map((_, i) => i),
      { size: 8 },
    );
    const broken = new Map([...left, ...bad.map(({ path, reason }) => [path, reason] as const)]);
    for (const [name, fate] of fates) if (fate !== "either") expect([name, broken.has(name)]).toEqual([name, fate === "refused"]);
    expect(bad.length).toBeGreaterThan(50); // those with a sound header are found out later
    for (const { bad: met } of [first, ...others] as { readonly bad: readonly { readonly path: string; readonly reason: string }[] }[])
      for (const { path, reason } of met) expect([path, broken.has(path), reason.length > 5]).toEqual([path, true, true]);
  });
});

describe("paths that lead out of the folder", () => {
  it("are refused by what they are", async () => {
    const [dir, outside] = [tempFolder(), tempFolder()];
    await write(outside, { "secret.png": picture(9, 9, 1).png().toBuffer() });
    await write(dir, { "in/a.png": picture(9, 9, 2).png().toBuffer() });
    const secret = join(outside, "secret.png");
    symlinkSync(dir, join(outside, "back"));
    const refusals: Readonly<Record<string, RegExp>> = {
      [relative(dir, secret)]: /^leads outside the data folder$/,
      [`in/../${relative(dir, secret)}`]: /^leads outside the data folder$/,
      [secret]: /^file not found$/,
      "in/a.png/../../../../../../../../../../etc/passwd": /^(leads outside the data folder|file not found)$/,
      "in/a.png\0.png": /^its name holds a zero byte$/,
      [`${"a/".repeat(3000)}b.png`]: /^(its name is too long for this system|file not found)$/,
      [`${"n".repeat(5000)}.png`]: /^its name is too long for this system$/,
      "C:\\Windows\\x.png": /^file not found$/,
      "": /^leads outside the data folder$/,
      ".": /^leads outside the data folder$/,
      in: /^not a regular file$/,
    };
    const { decode, sizeOf } = openDecoder(dir);
    for (const [path, reason] of Object.entries(refusals))
      for (const read of [decode, sizeOf]) await expect(read(path), path.slice(0, 60)).rejects.toThrow(reason);
    expect(await decode("in/../in/a.png")).toMatchObject({ width: 9, height: 9 });
  });

  it("links that branch at every level end, with each image found", async () => {
    const dir = tempFolder();
    for (let level = 0; level < 24; level++) {
      mkdirSync(join(dir, `l${level}`));
      writeFileSync(join(dir, `l${level}`, "a.png"), await picture(9, 9, level).png().toBuffer());
      for (const name of ["x", "y"]) symlinkSync(`../l${(level + 1) % 24}`, join(dir, `l${level}`, name));
    }
    const source = await sourceOf(dir);
    const paths = source.content.kind === "files" ? source.content.paths : [];
    expect(paths.filter((path) => /^l\d+\/a\.png$/.test(path))).toHaveLength(24);
    expect(paths.length).toBeLessThan(100);
  });

  it("a folder that cannot be read is one error that says which", async () => {
    const dir = tempFolder();
    await write(dir, { "a.png": picture(9, 9, 1).png().toBuffer(), "b.png": picture(9, 9, 2).png().toBuffer() });
    mkdirSync(Buffer.concat([Buffer.from(`${dir}/caf`), Buffer.from([0xe9])]));
    const result = await imageFolder(dir)();
    expect(result).toMatchObject({
      left: { kind: "data-read", what: "cannot read a folder: its name is not UTF-8", where: join(dir, "caf\ufffd") },
    });
  });
});
