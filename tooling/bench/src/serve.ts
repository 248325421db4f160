import { createInterface } from "node:readline";
import { command, readLine } from "./protocol.ts";

/** The work of one of our programs. */
export interface Work {
  readonly name: string;
  /** How long it took until the work could begin: a step is traced, rewritten and handed to the runtime. */
  readonly openSeconds?: number;
  /** Does the work `count` times. */
  readonly run: (count: number) => Promise<unknown>;
  readonly close?: () => Promise<void>;
  readonly peakRssBytes?: () => number;
  /** Count the processor's time of all threads of this process instead of the clock's: work per core, whatever else runs. */
  readonly perCore?: true;
}

const ownPeakRssBytes = (): number => process.resourceUsage().maxRSS * 1024; // kilobytes in Node, on every system

const wallSeconds = (): number => performance.now() / 1000;
const processorSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/**
 * Answers the benchmark's commands from the standard input until it is closed: our half of the protocol of `startRunner`.
 * @throws Error on a line that is no command.
 */
export const serve = async (work: Work): Promise<void> => {
  const write = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
  const now = work.perCore === true ? processorSeconds : wallSeconds;
  write({ name: work.name, ...(work.openSeconds === undefined ? {} : { openSeconds: work.openSeconds }) });
  for await (const line of createInterface({ input: process.stdin })) {
    const { cmd, steps = 1 } = readLine("bench", command, line);
    if (cmd === "close") break;
    const start = now();
    await work.run(steps);
    const seconds = now() - start;
    write({ seconds, peakRssBytes: (work.peakRssBytes ?? ownPeakRssBytes)() });
  }
  await work.close?.();
};
