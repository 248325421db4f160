import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { processorSeconds } from "./processor-time.ts";
import { answer, hello, readLine } from "./protocol.ts";
import type { Runner } from "./runner.ts";

/** A program that answers commands line by line, in Python or in Node. */
export interface LineProgram {
  /** What to call it in an error. */
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Count the processor's time of the program and of those it starts, instead of the seconds it answers with. */
  readonly processorTime?: boolean;
}

const keptErrorCharacters = 2000;

/** Starts the program and gives its lines one by one; rejects with the end of its error output when it stops. */
const startLines = ({ title, command, args, env }: LineProgram) => {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...env } });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    errors = (errors + chunk).slice(-keptErrorCharacters);
  });
  child.stdin.on("error", () => {}); // a program that has stopped is reported by `ended`
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`${title}: cannot start ${command}: ${error.message}`));
    child.once("close", (code, signal) => resolve(`${title}: stopped with ${signal ?? `exit code ${code}`}\n${errors.trim()}`));
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const line = await lines.next();
    if (line.done === true) throw new Error(await ended);
    return line.value;
  };
  return { child, ended, next };
};

/**
 * Starts a program that speaks the benchmark's protocol and resolves when it is ready.
 *
 *     it writes   {"name": "PyTorch 2.15.0 eager"}
 *     it reads    {"cmd": "run", "steps": 3}          it writes   {"seconds": .91, "peakRssBytes": 512000000, "loss": 2.1}
 *     it reads    {"cmd": "close"}                    it ends
 *
 * Between commands it waits on its input and uses no processor time.
 * @throws Error with the end of its error output when it cannot start, stops, or answers something else.
 */
export const startRunner = async (program: LineProgram): Promise<Runner> => {
  const { child, ended, next } = startLines(program);
  const { name, openSeconds } = readLine(program.title, hello, await next());
  let peak = 0;
  const run = async (steps: number): Promise<number> => {
    const before = program.processorTime ? processorSeconds(child.pid as number) : 0;
    child.stdin.write(`${JSON.stringify({ cmd: "run", steps })}\n`);
    const { seconds, peakRssBytes } = readLine(program.title, answer, await next());
    peak = peakRssBytes;
    return program.processorTime ? Math.max(processorSeconds(child.pid as number) - before, 0.01) : seconds;
  };
  const close = async (): Promise<void> => {
    child.stdin.end(`${JSON.stringify({ cmd: "close" })}\n`);
    await ended;
  };
  return { run, close, peakRssBytes: () => peak, name, openSeconds };
};
