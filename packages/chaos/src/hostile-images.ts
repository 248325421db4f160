import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { toPngDataUri } from "@twinview/data";
import { start } from "./command.ts";
import { difference, newRun, picturesOf, saidBy, traceOf, training, writePictures } from "./small-run.ts";
import { finding, type Trial } from "./trial.ts";

const png = async (side: number): Promise<Buffer> => {
  const uri = await toPngDataUri({ width: side, height: side, data: new Uint8Array(side * side * 3).fill(99) });
  return Buffer.from(uri.slice(uri.indexOf(",") + 1), "base64");
};

/** A PNG whose header claims 30,000 pixels a side, with a sound checksum. */
const bomb = async (): Promise<Buffer> => {
  const bytes = await png(8);
  bytes.writeUInt32BE(30_000, 16);
  bytes.writeUInt32BE(30_000, 20);
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  return bytes;
};

/** A handful of files that are no images, or worse, among those of the small run: each is left out by name, and the run is the one without them. */
export const hostileImages: Trial = {
  name: "images",
  promise: "broken, empty, mislabelled and bomb-like image files are each named and left out; the run is the same as without them",
  run: async (ground) => {
    await ground.whole();
    const folder = join(ground.folder, "hostile");
    const place = { ...ground, folder };
    await writePictures(picturesOf(place));
    const at = (name: string): string => join(picturesOf(place), "b", name);
    const files: Readonly<Record<string, Buffer>> = {
      "zz-cut.png": (await png(32)).subarray(0, 60),
      "zz-empty.png": Buffer.alloc(0),
      "zz-text.jpg": Buffer.from("this is no image\n"),
      "zz-bomb.png": await bomb(),
    };
    for (const [name, bytes] of Object.entries(files)) await writeFile(at(name), bytes);
    await symlink("zz-loop.png", at("zz-loop.png")).catch(() => undefined); // not allowed to everybody on Windows
    const run = await newRun(place, "run");
    const ended = await start(training(place, run)).ended;
    if (ended.code !== 0) return { tried: 1, held: 0, found: saidBy(ended) };
    const names = Object.keys(files);
    const told = ended.told.map(({ text = "" }) => text).join("\n");
    const silent = names.filter((name) => !told.includes(name)).map((name) => `${name} was not named`);
    const differs = difference(await traceOf(run), await ground.whole());
    const wrong = [...silent, ...(differs === undefined ? [] : [differs])];
    return finding(names.length + 1, names.join(", "), wrong);
  },
};
