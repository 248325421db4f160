// Two promises of the evaluation, as ratios of times measured side by side, round by round: a linear sweep of 24 settings against one,
// and kNN of 10,000 queries in a bank of 60,000 x 192 against torch's product and topk (where TWINVIEW_PEER_PYTHON has torch).
//
//     node tooling/bench/dist/evaluation.js [ROUNDS]
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { fold, normals, rngOf } from "@twinview/core";
import { onnxEngine } from "@twinview/engine";
import { type LabelledRows, linearProbe, nearestNeighbours, probeDefaults, type Rows } from "@twinview/eval";
import { loadText, machineText } from "./machine.ts";
import { median } from "./statistics.ts";

const rounds = Number(process.argv[2] ?? 3);
const threads = availableParallelism();
const engine = onnxEngine();
const width = 192;
const k = 20;
const classes = 10;

const drawn = (rows: number, seed: number): Rows => {
  const draw = normals(fold(rngOf(seed), "rows"));
  return { rows, width, data: Float32Array.from({ length: rows * width }, () => draw()) };
};
const labelled = (rows: number, seed: number): LabelledRows => ({
  features: drawn(rows, seed),
  labels: Int32Array.from({ length: rows }, (_, i) => i % classes),
});

const timed = async (run: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await run();
  return (performance.now() - start) / 1000;
};
const texts = (values: readonly number[]): string => values.map((x) => x.toFixed(2)).join(", ");

const sweep = async (): Promise<void> => {
  const [fit, heldOut, test] = [labelled(36_864, 1), labelled(4096, 2), labelled(4096, 3)];
  const probe = (rates: readonly number[], decays: readonly number[]) => () =>
    linearProbe({ engine, threads, fit, heldOut, test, classes, epochs: 10, rates, decays, rng: rngOf(0) });
  const all = probe(probeDefaults.rates, probeDefaults.decays);
  const one = probe([0.1], [0]);
  const seconds: { readonly all: number; readonly one: number }[] = [];
  for (let round = 0; round < rounds; round++) seconds.push({ one: await timed(one), all: await timed(all) });
  const ratios = seconds.map((round) => round.all / round.one);
  console.log(
    `linear sweep, 24 settings over one, 36,864 x ${width} features, ${classes} classes, 10 epochs: ${median(ratios).toFixed(2)}`,
  );
  console.log(`  rounds ${texts(ratios)}; one ${texts(seconds.map(({ one: s }) => s))} s, 24 ${texts(seconds.map(({ all: s }) => s))} s`);
};

/** A Python that searches once for each line it is sent. */
const torchSearch = (python: string, queries: number, bank: number) => {
  const script = join(dirname(fileURLToPath(import.meta.url)), "../peer/knn_peer.py");
  const child = spawn(python, [script, ...[queries, bank, width, k, threads].map(String)], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    run: async (): Promise<number> => {
      child.stdin.write("\n");
      const { value } = await lines.next();
      return (JSON.parse(value as string) as { readonly seconds: number }).seconds;
    },
    close: (): void => {
      child.stdin.end();
    },
  };
};

const knn = async (): Promise<void> => {
  const [queries, bank] = [drawn(10_000, 4), drawn(60_000, 5)];
  const python = process.env.TWINVIEW_PEER_PYTHON;
  const peer = python === undefined ? undefined : torchSearch(python, queries.rows, bank.rows);
  await peer?.run(); // warms up
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    ours.push(await timed(() => nearestNeighbours({ engine, bank, queries, k, threads })));
    if (peer !== undefined) theirs.push(await peer.run());
  }
  peer?.close();
  console.log(`kNN, 10,000 x 60,000 x ${width}, k ${k}: ${texts(ours)} s, opening the engine and handing it the bank included`);
  if (theirs.length > 0) {
    const ratios = ours.map((seconds, i) => (theirs[i] as number) / seconds);
    console.log(`  torch ${texts(theirs)} s; torch's time over ours ${texts(ratios)}, median ${median(ratios).toFixed(2)}`);
  }
};

console.log(`${machineText()}, ${threads} threads, load ${loadText()}`);
await sweep();
await knn();
console.log(`load ${loadText()}`);
