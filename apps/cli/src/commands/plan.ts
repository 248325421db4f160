import { writeFile } from "node:fs/promises";
import { type App, duration, type MemoryPlan, memory, planOf } from "@twinview/train";
import type { EngineFlags } from "../engines.ts";
import type { Terminal } from "../output.ts";
import { type ExperimentFlags, prepare, timedStep } from "../setup.ts";

const speedSource = (measured: number | undefined, machineGflops: number): string =>
  measured === undefined
    ? `from the ${machineGflops.toFixed(0)} GFLOPS at which this machine multiplies`
    : "the step's programs, timed on noise";

const memoryText = ({ runtime, state, programs }: MemoryPlan): string =>
  [
    `the runtime ${memory(runtime)}`,
    `state ${memory(state)}`,
    ...Object.entries(programs).map(([name, bytes]) => `${name === "features/online" ? "evaluation" : name} ${memory(bytes)}`),
  ].join(", ");

/** `twinview plan`: what the run would be and cost; at most its step's programs are timed on noise. */
export const planCommand = async (
  terminal: Terminal,
  app: App,
  flags: ExperimentFlags &
    EngineFlags & {
      readonly threads: number | undefined;
      readonly json: boolean;
      readonly graph: string | undefined;
    },
): Promise<number> => {
  const { run, reasons, machineGflops, engine, imagesPerSecond } = await prepare(app, flags, { ...flags, measure: true });
  const timed = () => timedStep(engine, run.experiment, { machineGflops, threads: flags.threads });
  const measured = imagesPerSecond ?? (flags.engine !== "reference" ? await timed() : undefined);
  const { plan: estimated, graph } = planOf(run.experiment, machineGflops);
  const seconds = measured === undefined ? estimated.seconds : (estimated.steps * run.experiment.batch) / measured;
  const plan = { ...estimated, seconds, imagesPerSecond: measured ?? estimated.imagesPerSecond };
  if (flags.graph !== undefined) await writeFile(flags.graph, graph());
  if (flags.json) {
    terminal.out(`${JSON.stringify({ reasons, config: run.config, machineGflops, ...plan })}\n`);
    return 0;
  }
  const rows: readonly (readonly [string, string])[] = [
    ["parameters", `${(plan.parameters / 1e6).toFixed(2)} M (encoder and heads)`],
    ["steps", plan.steps.toLocaleString("en")],
    ["one step", `${(plan.flopsPerStep / 1e9).toFixed(1)} GFLOP in ${plan.nodes.toLocaleString("en")} operations`],
    ["speed", `about ${plan.imagesPerSecond.toFixed(0)} images a second (${speedSource(measured, machineGflops)})`],
    ["time", `about ${duration(plan.seconds)}`],
    ["memory", `about ${memory(plan.memoryBytes)} in the computing process: ${memoryText(plan.memory)}`],
    ["a checkpoint", memory(plan.checkpointBytes)],
  ];
  for (const reason of reasons) terminal.out(`${reason}\n`);
  terminal.out(`\n${JSON.stringify(run.config, null, 2)}\n\n`);
  for (const [name, value] of rows) terminal.out(`${name.padEnd(14)}${value}\n`);
  return 0;
};
