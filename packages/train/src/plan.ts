import { evaluate, type HostArray, type HostTree, leaves, rngOf, sizeOf, type Tensor, type Tree } from "@twinview/core";
import { compile, costOf, memoryOf, printGraph } from "@twinview/engine";
import type { Experiment } from "./experiment.ts";
import { stepProgram } from "./programs.ts";

/** What a run will cost, known before it starts. */
export interface Plan {
  readonly parameters: number;
  readonly nodes: number;
  readonly steps: number;
  /** Floating-point operations of the matrix products of one step. */
  readonly flopsPerStep: number;
  /** Estimated memory of the computing process, in bytes. */
  readonly memoryBytes: number;
  /** Estimated speed, from the machine's matrix-product speed and the share of it that steps of this kind reach. */
  readonly imagesPerSecond: number;
  readonly seconds: number;
  /** Size of one checkpoint, in bytes. */
  readonly checkpointBytes: number;
}

/** The share of the machine's matrix-product peak that whole steps reach, by `npm run bench`; on the careful side. */
const efficiency = 0.4;
/** The runtime's own memory: code, arenas, packed weights. */
const runtimeBytes = 200 * 2 ** 20;

/** The state a run starts from. */
export const initialState = (experiment: Experiment): HostTree =>
  evaluate(() => experiment.step.init(rngOf(experiment.seed)) as unknown as Tree<Tensor>);

const numbersIn = (state: HostTree): number => leaves<HostArray>(state).reduce((sum, [, leaf]) => sum + sizeOf(leaf.shape), 0);

/** Traces the training step and estimates what it needs; nothing is run. */
export const planOf = (experiment: Experiment, machineGflops: number): { readonly plan: Plan; readonly graph: () => string } => {
  const state = initialState(experiment);
  const { graph } = compile(stepProgram(experiment), state);
  const cost = costOf(graph);
  const memory = memoryOf(graph);
  const stateBytes = 4 * numbersIn(state);
  const imagesPerSecond = (experiment.batch * machineGflops * 1e9 * efficiency) / cost.matmulFlops;
  const online = (state as { readonly online: HostTree }).online;
  const plan = {
    parameters: numbersIn(online),
    nodes: cost.nodes,
    steps: experiment.steps,
    flopsPerStep: cost.matmulFlops,
    memoryBytes: runtimeBytes + 2 * stateBytes + memory.constants + memory.peakIntermediates,
    imagesPerSecond,
    seconds: (experiment.steps * experiment.batch) / imagesPerSecond,
    checkpointBytes: stateBytes,
  };
  return { plan, graph: () => printGraph(graph) };
};
