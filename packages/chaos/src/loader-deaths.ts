import { createHash } from "node:crypto";
import type { Worker } from "node:worker_threads";
import { asymmetricPair } from "@twinview/augment";
import { type Batch, type LoaderOptions, openLoader, type Source, toShared } from "@twinview/data";
import type { Trial } from "./trial.ts";

const [length, side, batch] = [96, 40, 24];

const source = (): Source => {
  const pixels = toShared(
    Uint8Array.from({ length: length * side * side * 3 }, (_, i) => (128 + 100 * Math.sin(i * (1 + (i % 13)))) & 255),
  );
  return { name: "made", length, content: { kind: "resident", pixels, width: side, height: side, channels: 3 } };
};

const digest = ({ step, indices, views }: Batch): string => {
  const hash = createHash("sha256").update(`${step}`).update(indices);
  for (const bytes of views) hash.update(bytes);
  return hash.digest("hex");
};

/** Threads of the loader stopped in the middle of their work: every batch comes, in order, with the same bytes as without threads. */
export const loaderDeaths = ({ times }: { readonly times: number }): Trial => ({
  name: "loader",
  promise: "a loader thread that dies at any moment is replaced, and the bytes of every batch stay the same",
  run: async ({ random }) => {
    const options: LoaderOptions = { source: source(), views: asymmetricPair({ size: 32 }), batch, seed: 4 };
    const alone = openLoader({ ...options, workers: 0 });
    const threads: Worker[] = [];
    const loader = openLoader({ ...options, workers: 2, ahead: 1, onThread: (worker) => threads.push(worker) });
    let [deaths, batches, differ, slowest, usual] = [0, 0, 0, 0, 100];
    try {
      while (deaths < times) {
        const living = threads.filter(({ threadId }) => threadId !== -1);
        const victim = living[Math.floor(random() * living.length)];
        const timer = setTimeout(() => {
          if (victim === undefined || victim.threadId === -1) return;
          deaths++;
          void victim.terminate();
        }, usual * random());
        const began = performance.now();
        for (let i = 0; i < 2; i++) {
          const [got, wanted] = [await loader.next(), await alone.next()];
          batches++;
          if (digest(got) !== digest(wanted)) differ++;
        }
        clearTimeout(timer);
        usual = 0.8 * usual + 0.2 * (performance.now() - began);
        slowest = Math.max(slowest, performance.now() - began);
      }
    } finally {
      await Promise.all([loader.close(), alone.close()]);
    }
    const found = `${deaths} threads killed during ${batches} batches, ${differ} of them differ; two batches took at most ${slowest.toFixed(0)} ms`;
    return { tried: deaths, held: Math.max(0, deaths - differ), found };
  },
});
