import { type CommandSpec, parseFlags, type UserError, userError } from "@twinview/config";
import * as E from "fp-ts/lib/Either.js";

/** The benchmark's command line. */
export const benchSpec = {
  name: "bench",
  summary: "Speed of whole training steps and of augmentation, beside PyTorch when TWINVIEW_PEER_PYTHON names a Python that has it.",
  flags: {
    only: { type: "string", value: "NAME", help: "run only the cases whose name has this in it" },
    all: { type: "boolean", help: "every case, those of the other methods on ResNet-18 too, which a plain run leaves out" },
    rounds: { type: "number", integer: true, min: 1, max: 1000, default: 5, help: "runs of each side, in turn" },
    seconds: { type: "number", min: 0.01, max: 600, default: 1.5, help: "shortest time of one run" },
    quick: { type: "boolean", help: "one short round a case: whether it works, not how fast it is" },
    threads: { type: "number", integer: true, min: 1, max: 1024, help: "compute threads of both sides; all cores when left out" },
    chunk: { type: "number", integer: true, min: 1, max: 100_000, help: "views that pass our encoder together" },
    spinning: { type: "choice", choices: ["on", "off"], help: "whether our idle threads spin" },
    "processor-time": {
      type: "boolean",
      help: "measure steps by the processor's time of each side, not the clock's: for a machine that is busy; use with --threads 1 (Linux)",
    },
    compile: { type: "boolean", help: "the peer uses torch.compile" },
    profile: { type: "boolean", help: "say after each step where its time goes: by pass, by layer and by operation" },
    beside: { type: "choice", choices: ["tensorflow"], help: "the peer of steps is the same step of ours on that engine" },
    history: { type: "string", value: "FILE", help: "add the figures to a file, one line of JSON a run" },
    json: { type: "boolean", help: "end with one line of JSON on the standard output; the table goes to the error output" },
  },
} as const satisfies CommandSpec;

/** What the command line asks for. */
export interface BenchOptions {
  readonly only: string | undefined;
  readonly all: boolean;
  readonly rounds: number;
  readonly seconds: number;
  readonly threads: number | undefined;
  readonly chunk: number | undefined;
  readonly spinning: "on" | "off" | undefined;
  readonly processorTime: boolean;
  readonly compile: boolean;
  readonly beside: "tensorflow" | undefined;
  readonly profile: boolean;
  readonly history: string | undefined;
  readonly json: boolean;
}

/** Reads the command line; a filter that matches no case is a mistake too. */
export const benchOptions = (argv: readonly string[], caseNames: readonly string[]): E.Either<UserError, BenchOptions> => {
  const parsed = parseFlags(argv, benchSpec);
  if (E.isLeft(parsed)) return parsed;
  const { flags } = parsed.right;
  const { only } = flags;
  if (only !== undefined && !caseNames.some((name) => name.includes(only)))
    return E.left(userError("flags", "no case has that in its name", { where: "--only", got: only, expected: caseNames.join(", ") }));
  const { quick, "processor-time": processorTime, ...rest } = flags;
  const options = { ...rest, processorTime };
  return E.right(quick ? { ...options, rounds: 1, seconds: 0.01 } : options);
};
