import { evaluate, type HostTree, rngOf, type Tensor, type Tree } from "@twinview/core";
import { type Compiled, compileAll, costOf, printGraph } from "@twinview/engine";
import type { Experiment } from "./experiment.ts";
import { type MemoryPlan, memoryPlan, numbersIn } from "./memory-plan.ts";
import { evalBatch, featuresProgram } from "./programs.ts";
import { runnerOf } from "./runner-of.ts";

/** What a run will cost, known before it starts. */
export interface Plan {
  readonly parameters: number;
  readonly nodes: number;
  readonly steps: number;
  /** Floating-point operations of the matrix products of one step. */
  readonly flopsPerStep: number;
  /** Estimated memory of the computing process, in bytes. */
  readonly memoryBytes: number;
  /** Where it goes. */
  readonly memory: MemoryPlan;
  /** Estimated speed, from the machine's matrix-product speed and the share of it that steps of this kind reach. */
  readonly imagesPerSecond: number;
  readonly seconds: number;
  /** Estimated time for one run of each of the step's programs. */
  readonly onceSeconds: number;
  /** Size of one checkpoint, in bytes. */
  readonly checkpointBytes: number;
}

/** The share of the machine's matrix-product peak that whole steps reach, by `npm run bench`; on the careful side. */
const efficiency = 0.4;

/** The state a run starts from. */
export const initialState = (experiment: Experiment): HostTree =>
  evaluate(() => experiment.step.init(rngOf(experiment.seed)) as unknown as Tree<Tensor>);

type Programs = Readonly<Record<string, Compiled>>;

/** What a step costs: its programs' nodes once, their products once and as often as a step runs them. */
const stepCost = (runs: Readonly<Record<string, number>>, programs: Programs) => {
  const costs = Object.entries(runs).map(([name, times]) => ({ times, ...costOf((programs[name] as Compiled).graph) }));
  const total = (of: (cost: (typeof costs)[number]) => number): number => costs.reduce((sum, cost) => sum + of(cost), 0);
  return {
    nodes: total(({ nodes }) => nodes),
    onceFlops: total(({ matmulFlops }) => matmulFlops),
    flopsPerStep: total(({ times, matmulFlops }) => times * matmulFlops),
  };
};

/** Floating-point operations of the matrix products of one step. */
export const flopsOfStep = (experiment: Experiment): number => {
  const { programs, scratch, runs } = runnerOf(experiment);
  return stepCost(runs, compileAll(programs, initialState(experiment), scratch)).flopsPerStep;
};

/** Traces the programs of a run and estimates what they need; nothing is run. */
export const planOf = (experiment: Experiment, machineGflops: number): { readonly plan: Plan; readonly graph: () => string } => {
  const state = initialState(experiment);
  const { programs: stepPrograms, scratch, compact, runs } = runnerOf(experiment);
  const evaluation = { "features/online": featuresProgram(experiment, "online", evalBatch) };
  const programs: Programs = compileAll({ ...stepPrograms, ...evaluation }, state, scratch);
  const { nodes, onceFlops, flopsPerStep } = stepCost(runs, programs);
  const gflops = machineGflops * 1e9 * efficiency;
  const imagesPerSecond = (experiment.batch * gflops) / flopsPerStep;
  const memory = memoryPlan({ state, scratch, compact, programs });
  const plan = {
    parameters: numbersIn((state as { readonly online: HostTree }).online),
    nodes,
    steps: experiment.steps,
    flopsPerStep,
    memoryBytes: memory.total,
    memory,
    imagesPerSecond,
    seconds: (experiment.steps * experiment.batch) / imagesPerSecond,
    onceSeconds: onceFlops / gflops,
    checkpointBytes: 4 * numbersIn(state),
  };
  const graph = (): string =>
    Object.keys(stepPrograms)
      .map((name) => `${name}\n${printGraph((programs[name] as Compiled).graph)}`)
      .join("\n");
  return { plan, graph };
};
