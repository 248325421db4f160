// Share of the time in which training waits for images that lie on disk as JPEG files: the mini preset of MoCo v3 through the command,
// on photos made for it, some upright and some lying, so that they are not kept decoded in memory.
//
//     node tooling/bench/dist/wait-share.js [STEPS]
import { spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { jpegFolder } from "./jpeg-files.ts";
import { loadText, machineText } from "./machine.ts";
import { median } from "./statistics.ts";

const steps = Number(process.argv[2] ?? 100);
const files = 1024;
const batch = 64;
/** A step tells of the last 32: the first of them, while the first images are made, are left out. */
const window = 32;
const cli = fileURLToPath(new URL("../../../apps/cli/dist/main.js", import.meta.url));

interface StepEvent {
  readonly kind?: string;
  readonly step?: number;
  readonly waitShare?: number;
  readonly imagesPerSecond?: number;
}

/** A folder of photos, half of them turned. Many are copies: what they show does not matter here. */
const photoFolder = async (folder: string): Promise<string> => {
  const made = await jpegFolder(folder);
  const target = join(folder, "photos");
  await mkdir(target);
  const sources = await readdir(made);
  for (let i = 0; i < files; i++) {
    const source = join(made, sources[i % sources.length] as string);
    const photo = join(target, `${i}.jpg`);
    if (i >= 2 * sources.length) await copyFile(join(target, `${i % (2 * sources.length)}.jpg`), photo);
    else if (i < sources.length) await copyFile(source, photo);
    else await sharp(source).rotate(90).toFile(photo);
  }
  return target;
};

/** Trains and gives what each step says of itself. */
const train = async (data: string, out: string): Promise<readonly StepEvent[]> => {
  const epochs = Math.ceil((steps * batch) / files);
  const args = ["train", "moco-v3", "--data", data, "--preset", "mini", "--batch", batch, "--epochs", epochs, "--out", out, "--json"];
  const child = spawn(process.execPath, [cli, ...args.map(String)], { stdio: ["ignore", "pipe", "inherit"] });
  const events: StepEvent[] = [];
  for await (const line of createInterface({ input: child.stdout })) events.push(JSON.parse(line) as StepEvent);
  return events.filter(({ waitShare }) => waitShare !== undefined);
};

const folder = await mkdtemp(join(tmpdir(), "twinview-wait-"));
try {
  console.log(`${machineText()}, load ${loadText()}`);
  const seen = await train(await photoFolder(folder), join(folder, "run"));
  if (seen.length <= window) throw new Error(`the run told of ${seen.length} steps, more than ${window} are needed`);
  const settled = seen.slice(window);
  const of = (key: "waitShare" | "imagesPerSecond"): number => median(settled.map((event) => event[key] as number));
  console.log(
    `steps ${window + 1} to ${seen.length} of ${batch} images: ${of("imagesPerSecond").toFixed(0)} images/s, waits ${(100 * of("waitShare")).toFixed(2)} %`,
  );
  console.log(`load ${loadText()}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
