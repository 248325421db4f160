import { createHash } from "node:crypto";
import { truncateSync } from "node:fs";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { asymmetricPair, type ViewOptions, view } from "@twinview/augment";
import { fold, rngOf } from "@twinview/core";
import { describe, expect, it, onTestFinished } from "vitest";
import { dataErrorOf } from "./data-error.ts";
import { imageFolder } from "./image-folder.ts";
import { type Batch, type Loader, type LoaderOptions, openLoader } from "./loader.ts";
import { classFolders, picture, residentSource, smooth, tempFolder, write } from "./made-images.test.fixture.ts";
import type { Source } from "./source.ts";

const pair: readonly ViewOptions[] = asymmetricPair({ size: 8 });
const multi: readonly ViewOptions[] = [...pair, { ...(pair[0] as ViewOptions), size: 6, scale: [0.05, 0.14] }];

const open = (options: LoaderOptions): Loader => {
  const loader = openLoader(options);
  onTestFinished(() => loader.close());
  return loader;
};

const digest = ({ step, epoch, indices, views }: Batch): string => {
  const hash = createHash("sha256").update(`${step} ${epoch}`).update(indices);
  for (const bytes of views) hash.update(bytes);
  return hash.digest("hex");
};

const run = async (loader: Loader, steps: number): Promise<string[]> => {
  const digests: string[] = [];
  for (let i = 0; i < steps; i++) digests.push(digest(await loader.next()));
  return digests;
};

const filesSource = async (dir: string): Promise<Source> => {
  const result = await imageFolder(dir, { residentBytes: 0, badLimit: { atLeast: 50 } })();
  if (result._tag === "Left") throw new Error(result.left.what);
  return result.right;
};

const mixedFolder = async (): Promise<string> => {
  const dir = tempFolder();
  for (let i = 0; i < 24; i++)
    await write(dir, {
      [`${i % 2 === 0 ? "a" : "b"}/${i}.jpg`]: picture(20 + i, 30 - (i % 9), i)
        .jpeg()
        .toBuffer(),
    });
  return dir;
};

describe("openLoader", () => {
  it("renders view v of image i in epoch e from the key (seed, view, e, i, v)", async () => {
    const source = residentSource(10);
    const loader = open({ source, views: multi, batch: 4, seed: 9, startStep: 2, workers: 1 });
    const { epoch, indices, views } = await loader.next();
    expect([epoch, loader.stepsPerEpoch]).toEqual([1, 2]);
    for (let b = 0; b < 4; b++) {
      const image = { width: 12, height: 10, data: smooth(12, 10, indices[b] as number) };
      const rng = fold(fold(fold(rngOf(9), "view"), 1), indices[b] as number);
      multi.forEach((options, v) => {
        const size = options.size * options.size * 3;
        const want = view(options).render(image, fold(rng, v)).data;
        expect(Buffer.from((views[v] as Uint8Array).subarray(b * size, (b + 1) * size))).toEqual(Buffer.from(want));
      });
    }
  });

  it("delivers the same bytes with 0, 1, 2 and 3 threads, and from any step on", async () => {
    const source = residentSource(37);
    const options = { source, views: multi, batch: 7, seed: 4 };
    const want = await run(open({ ...options, workers: 0 }), 12);
    expect(new Set(want).size).toBe(12);
    for (const workers of [1, 2, 3]) expect(await run(open({ ...options, workers, ahead: workers }), 12)).toEqual(want);
    for (const [startStep, workers] of [
      [5, 0],
      [7, 2],
    ] as const) {
      expect(await run(open({ ...options, workers, startStep }), 12 - startStep)).toEqual(want.slice(startStep));
    }
    expect(await run(open({ ...options, seed: 5, workers: 1 }), 1)).not.toEqual(want.slice(0, 1));
  });

  it("delivers the same bytes from files, whatever the threads", async () => {
    const source = await filesSource(await mixedFolder());
    const options = { source, views: pair, batch: 5, seed: 4 };
    const want = await run(open({ ...options, workers: 0 }), 9);
    for (const workers of [1, 3]) expect(await run(open({ ...options, workers }), 9)).toEqual(want);
  });

  it("keeps a batch as it is until the next call, and renders ahead while nobody asks", async () => {
    const loader = open({ source: residentSource(64), views: pair, batch: 8, seed: 1, workers: 2, ahead: 2 });
    const batch = await loader.next();
    const before = digest(batch);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(digest(batch)).toBe(before);
    const waited = loader.waitMs();
    await loader.next();
    await loader.next();
    expect(loader.waitMs() - waited).toBeLessThan(100);
  });

  it("goes on rendering while the event loop of the caller is blocked", async () => {
    const loader = open({ source: residentSource(64), views: pair, batch: 8, seed: 1, workers: 1, ahead: 4 });
    await loader.next();
    const cell = new Int32Array(new SharedArrayBuffer(4));
    Atomics.wait(cell, 0, 0, 500); // as a long synchronous step would
    const waited = loader.waitMs();
    for (let i = 0; i < 4; i++) await loader.next();
    expect(loader.waitMs() - waited).toBeLessThan(100);
  });

  it("delivers the same bytes although threads are killed in the middle", async () => {
    const source = residentSource(200, 40, 40);
    const options = { source, views: asymmetricPair({ size: 32 }), batch: 40, seed: 4 };
    const want = await run(open({ ...options, workers: 0 }), 14);
    const threads: Worker[] = [];
    const loader = open({ ...options, workers: 2, onThread: (worker) => threads.push(worker) });
    const got: string[] = [];
    for (let i = 0; i < 14; i++) {
      if (i % 3 === 1) await (threads.at(-1 - (i % 2)) as Worker).terminate();
      got.push(digest(await loader.next()));
    }
    expect(got).toEqual(want);
    expect(threads.length).toBeGreaterThanOrEqual(5);
  });

  it("gives up with one error when threads die again and again", async () => {
    const source = residentSource(40);
    const onThread = (worker: Worker): void => {
      worker.once("online", () => void worker.terminate());
    };
    const loader = open({ source, views: pair, batch: 4, seed: 1, workers: 1, onThread });
    const error = await loader.next().then(() => undefined, dataErrorOf);
    expect(error).toMatchObject({ kind: "data-loader", what: "loader threads keep dying: stopped from outside" });
    await expect(loader.next()).rejects.toThrow("loader threads keep dying");
  });

  it("replaces broken files by key, names each once, the same for any number of threads", async () => {
    const dir = await mixedFolder();
    await write(dir, { "a/cut.jpg": (await picture(40, 40, 3).jpeg().toBuffer()).subarray(0, 400) });
    const source = await filesSource(dir);
    expect(source.length).toBe(25);
    const options = { source, views: pair, batch: 5, seed: 4, badLimit: { atLeast: 2 } };
    const inline = open({ ...options, workers: 0 });
    const want = await run(inline, 15);
    for (const workers of [1, 3]) {
      const loader = open({ ...options, workers });
      expect(await run(loader, 15)).toEqual(want);
      expect(loader.badFiles().map(({ path }) => path)).toEqual(["a/cut.jpg"]);
    }
    expect(inline.badFiles()).toEqual([{ path: "a/cut.jpg", reason: expect.stringMatching(/premature end|cannot be decoded/) }]);
    const broken = source.content.kind === "files" ? source.content.paths.indexOf("a/cut.jpg") : -1;
    const again = open({ ...options, workers: 0 });
    for (let i = 0; i < 15; i++) expect([...(await again.next()).indices]).not.toContain(broken);
  });

  it("stops with an error that names the files when too many are broken", async () => {
    const dir = await mixedFolder();
    const source = await filesSource(dir);
    for (let i = 0; i < 8; i += 2) truncateSync(join(dir, "a", `${i}.jpg`), 300);
    for (const workers of [0, 2]) {
      const loader = open({ source, views: pair, batch: 24, seed: 4, workers, badLimit: { atLeast: 3 } });
      const error = await loader.next().then(() => undefined, dataErrorOf);
      expect(error).toMatchObject({ kind: "data-too-many-bad", got: "4 broken images", expected: "at most 3" });
      expect(error?.what).toMatch(/^4 of 24 images cannot be decoded: a\/0\.jpg \(/);
    }
  });

  it("stops when no image is left to show", async () => {
    const dir = tempFolder();
    await classFolders(dir, { a: 4, b: 4 });
    const source = await filesSource(dir);
    for (const name of ["a", "b"]) for (let i = 0; i < 4; i++) truncateSync(join(dir, name, `${i}.png`), 60);
    for (const workers of [0, 1]) {
      const error = await open({ source, views: pair, batch: 4, seed: 1, workers })
        .next()
        .then(() => undefined, dataErrorOf);
      expect(error?.kind).toBe("data-unreadable");
      expect(error?.what).toMatch(/20 others in a row cannot be decoded$/);
    }
  });

  it("closes at once, also while somebody waits", async () => {
    const loader = openLoader({
      source: residentSource(4000, 40, 40),
      views: asymmetricPair({ size: 64 }),
      batch: 2000,
      seed: 1,
      workers: 2,
    });
    const waiting = loader.next();
    const began = performance.now();
    await Promise.all([expect(waiting).rejects.toThrow("the loader was closed"), loader.close()]);
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it("refuses options that cannot work", () => {
    const source = residentSource(8);
    const options = { source, views: pair, batch: 4, seed: 1 };
    const privateBytes: Source = {
      ...source,
      content: { kind: "resident", pixels: new Uint8Array(8 * 360), width: 12, height: 10, channels: 3 },
    };
    expect(() => openLoader({ ...options, batch: 9 })).toThrow("at most the number of images (8)");
    expect(() => openLoader({ ...options, views: [] })).toThrow("openLoader: views.length is 0, expected at least one view");
    expect(() => openLoader({ ...options, workers: -1 })).toThrow("openLoader: workers is -1, expected a whole number in 0..256");
    expect(() => openLoader({ ...options, ahead: 0 })).toThrow("openLoader: ahead is 0, expected a whole number of batches, at least 1");
    expect(() => openLoader({ ...options, source: privateBytes })).toThrow("expected bytes over a SharedArrayBuffer");
  });
});
