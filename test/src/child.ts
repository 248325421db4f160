import { type SpawnOptions, spawn } from "node:child_process";

/** How a process ended and what it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly error: string;
}

export interface ChildOptions extends Pick<SpawnOptions, "cwd" | "env"> {
  /** Called with each piece of standard output, and the process, so that it can be stopped at a certain line. */
  readonly onOut?: (soFar: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** Runs a program to its end. */
export const runChild = (program: string, args: readonly string[], { onOut, ...options }: ChildOptions = {}): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let [out, error] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
      onOut?.(out, (signal) => child.kill(signal));
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      error += text;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, out, error }));
  });

/** Runs this Node. */
export const runNode = (args: readonly string[], options: ChildOptions = {}): Promise<Ended> => runChild(process.execPath, args, options);
