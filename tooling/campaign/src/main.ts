// Tries the promises about faults in earnest. One line of JSON a campaign on standard output, one for people on standard error.
import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { openGround, type Tried, tryOut } from "@twinview/chaos";
import { program } from "@twinview/cli";
import {
  type CommandSpec,
  failure,
  helpText,
  orThrow,
  parseFlags,
  renderUserError,
  userError,
  userErrorOf,
  wantsHelp,
} from "@twinview/config";
import { campaigns } from "./campaigns.ts";

const spec = {
  name: "campaign",
  summary: `Kills, damages and starves runs many times and tells how often every promise held: ${Object.keys(campaigns).join(", ")}.`,
  args: { campaigns: { help: "the campaigns to run; all when none is named", rest: true } },
  flags: {
    times: { type: "number", integer: true, min: 1, value: "N", help: "how often; each campaign's own number when absent" },
    seed: { type: "number", integer: true, min: 0, default: 0, value: "N", help: "seed of the random moments" },
    history: { type: "string", value: "FILE", help: "add the lines to a file" },
  },
} as const satisfies CommandSpec;

const machine = (): string =>
  `${cpus()[0]?.model ?? "unknown"}, ${availableParallelism()} cores, ${process.platform}, Node ${process.version}`;

const chosen = (names: readonly string[]): readonly string[] => {
  const known = Object.keys(campaigns);
  const odd = names.find((name) => !known.includes(name));
  if (odd !== undefined) throw failure(userError("flags", `there is no campaign ${JSON.stringify(odd)}`, { expected: known.join(", ") }));
  return names.length > 0 ? names : known;
};

const main = async (argv: readonly string[]): Promise<number> => {
  if (wantsHelp(argv)) {
    console.log(helpText(spec));
    return 0;
  }
  const { args, flags } = orThrow(parseFlags(argv, spec));
  const all: Tried[] = [];
  for (const name of chosen(args.campaigns)) {
    const { times, trial } = campaigns[name] as (typeof campaigns)[string];
    const folder = await mkdtemp(join(tmpdir(), "twinview-campaign-"));
    const ground = openGround({ folder, program, seed: flags.seed });
    const tried = await tryOut(trial(flags.times ?? times), ground);
    all.push(tried);
    const line = JSON.stringify({ campaign: name, at: new Date().toISOString(), machine: machine(), seed: flags.seed, ...tried });
    console.log(line);
    console.error(`${tried.status}: ${name}: ${tried.held} of ${tried.tried}: ${tried.found} (${tried.seconds.toFixed(0)}s)`);
    if (flags.history !== undefined) await appendFile(flags.history, `${line}\n`);
    if (tried.status === "failed") console.error(`what was left is in ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  }
  return all.some(({ status }) => status === "failed") ? 1 : 0;
};

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (thrown) {
  const error = userErrorOf(thrown);
  if (error === undefined) throw thrown;
  console.error(renderUserError(error));
  process.exitCode = 2;
}
