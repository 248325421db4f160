import {
  type CommandSpec,
  failure,
  helpText,
  orThrow,
  parseFlags,
  renderUserError,
  suggestion,
  userError,
  userErrorOf,
  wantsHelp,
} from "@twinview/config";
import { apps } from "./apps.ts";
import { chaosCommand } from "./commands/chaos.ts";
import { compareCommand } from "./commands/compare.ts";
import { demoCommand } from "./commands/demo.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { evalCommand } from "./commands/eval.ts";
import { exportCommand } from "./commands/export.ts";
import { finetuneCommand } from "./commands/finetune.ts";
import { planCommand } from "./commands/plan.ts";
import { rehearseCommand } from "./commands/rehearse.ts";
import { replayCommand } from "./commands/replay.ts";
import { studyCommand } from "./commands/study.ts";
import { resumeCommand, trainCommand } from "./commands/train.ts";
import { transferCommand } from "./commands/transfer.ts";
import { guarded, type Terminal } from "./output.ts";
import { specs } from "./specs.ts";

const parsed = <const S extends CommandSpec>(argv: readonly string[], spec: S) => orThrow(parseFlags(argv, spec));

type Command = (terminal: Terminal, argv: readonly string[]) => Promise<number>;

const commands: Readonly<Record<keyof typeof specs, Command>> = {
  train: (terminal, argv) => {
    const { args, flags } = parsed(argv, specs.train);
    return trainCommand(terminal, apps[args.method], flags);
  },
  resume: (terminal, argv) => {
    const { args, flags } = parsed(argv, specs.resume);
    return resumeCommand(terminal, apps, args.run, flags);
  },
  replay: (terminal, argv) => {
    const { args, flags } = parsed(argv, specs.replay);
    return replayCommand(terminal, apps, args.step, flags);
  },
  rehearse: (terminal, argv) => {
    const { args, flags } = parsed(argv, specs.rehearse);
    return rehearseCommand(terminal, apps[args.method], flags);
  },
  plan: (terminal, argv) => {
    const { args, flags } = parsed(argv, specs.plan);
    return planCommand(terminal, apps[args.method], flags);
  },
  eval: (terminal, argv) => {
    const { args, flags } = parsed(argv, specs.eval);
    return evalCommand(terminal, apps, args.run, flags);
  },
  finetune: (terminal, argv) => {
    const { args, flags } = parsed(argv, specs.finetune);
    return finetuneCommand(terminal, apps, args.run, flags);
  },
  transfer: (terminal, argv) => {
    const { args, flags } = parsed(argv, specs.transfer);
    return transferCommand(terminal, apps, args.run, flags);
  },
  export: (terminal, argv) => {
    const { args, flags } = parsed(argv, specs.export);
    return exportCommand(terminal, apps, args.run, flags);
  },
  compare: (terminal, argv) => {
    const { args, flags } = parsed(argv, specs.compare);
    return compareCommand(terminal, apps, args.runs, flags);
  },
  study: (terminal, argv) => {
    const { args, flags } = parsed(argv, specs.study);
    return studyCommand(terminal, args.studies, flags);
  },
  demo: (terminal, argv) => demoCommand(terminal, apps["moco-v3"], parsed(argv, specs.demo).flags),
  doctor: (terminal, argv) => {
    const { flags } = parsed(argv, specs.doctor);
    return flags.chaos === undefined ? doctorCommand(terminal, flags) : chaosCommand(terminal, { chaos: flags.chaos, json: flags.json });
  },
};

const overview = (): string => {
  const lines = Object.entries(specs).map(([name, spec]) => `  ${name.padEnd(10)}${spec.summary}`);
  return ["twinview: self-supervised pre-training of vision encoders", "", ...lines, "", "twinview <command> --help tells more.", ""].join(
    "\n",
  );
};

const dispatch = async (terminal: Terminal, argv: readonly string[]): Promise<number> => {
  const [name, ...rest] = argv;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    terminal.out(overview());
    return name === undefined ? 2 : 0;
  }
  if (!Object.hasOwn(commands, name)) {
    const known = Object.keys(commands);
    const fix = suggestion(name, known);
    throw failure(
      userError("flags", `unknown command ${JSON.stringify(name)}`, {
        expected: `one of ${known.join(", ")}`,
        ...(fix === undefined ? {} : { fix }),
      }),
    );
  }
  const key = name as keyof typeof specs;
  if (wantsHelp(rest)) {
    terminal.out(`${helpText(specs[key])}\n`);
    return 0;
  }
  return commands[key](terminal, rest);
};

/** Runs the command line and gives the exit code: 0, 1 where a replayed step differs or a promise did not hold, 2 for a mistake of the user, 130 or 143 when stopped; other errors are thrown. */
export const runCommand = async (terminal: Terminal, argv: readonly string[]): Promise<number> => {
  try {
    return await dispatch(guarded(terminal), argv);
  } catch (thrown) {
    const error = userErrorOf(thrown);
    if (error === undefined) throw thrown;
    terminal.error(`${renderUserError(error)}\n`);
    return 2;
  }
};
