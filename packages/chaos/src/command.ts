import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** A line of `--json` output. */
export interface Told {
  readonly kind: string;
  readonly step?: number;
  readonly text?: string;
  readonly seconds?: number;
}

/** How a command ended and what it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly told: readonly Told[];
  readonly error: string;
  readonly seconds: number;
}

/** The steps of all events of a kind that a command told. */
export const stepsTold = ({ told }: Pick<Ended, "told">, kind: string): readonly number[] =>
  told.flatMap((event) => (event.kind === kind ? [event.step ?? 0] : []));

/** A command that runs. */
export interface Running {
  readonly pid: number;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<Ended>;
}

export interface StartOptions {
  /** Called with each event as it is told. */
  readonly onTold?: (event: Told, running: Running) => void;
  readonly env?: NodeJS.ProcessEnv;
}

const parsed = (line: string): Told | undefined => {
  try {
    const event: unknown = JSON.parse(line);
    return typeof event === "object" && event !== null && "kind" in event ? (event as Told) : undefined;
  } catch {
    return undefined; // the cut last line of a process that was killed
  }
};

/** Starts a command that tells what it does as JSON lines. */
export const start = (argv: readonly string[], { onTold, env }: StartOptions = {}): Running => {
  const [program = "", ...args] = argv;
  const began = performance.now();
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...(env === undefined ? {} : { env }) });
  const told: Told[] = [];
  let [rest, error] = ["", ""];
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    error += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, told, error, seconds: (performance.now() - began) / 1000 }));
  });
  const running: Running = { pid: child.pid ?? 0, kill: (signal) => void child.kill(signal), ended };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = `${rest}${text}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const event = parsed(line);
      if (event === undefined) continue;
      told.push(event);
      onTold?.(event, running);
    }
  });
  return running;
};

/** The processes that a process has started; undefined where the system does not tell. */
export const childrenOf = (pid: number): readonly number[] | undefined => {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
  } catch {
    return undefined;
  }
};

/** Whether a process is there and not merely waiting to be buried. */
export const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};
