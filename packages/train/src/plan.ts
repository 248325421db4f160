import { evaluate, type HostTree, leaves, rngOf, sizeOf, type Tensor, type Tree } from "@twinview/core";
import { type Compiled, compileAll, costOf, memoryOf, printGraph, type Scratch, type Shaped } from "@twinview/engine";
import type { Experiment } from "./experiment.ts";
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

const shapedNumbers = (tree: Scratch): number => leaves<Shaped>(tree).reduce((sum, [, leaf]) => sum + sizeOf(leaf.shape), 0);
const numbersIn = (state: HostTree): number => shapedNumbers(state);

/** Numbers that some program of a session writes; they are kept twice. */
const writtenNumbers = (programs: readonly Pick<Compiled, "graph" | "packs">[]): number => {
  const written = new Map<string, number>();
  for (const { graph, packs } of programs) {
    for (const { name, value } of graph.outputs) if (name.startsWith("write:")) written.set(name, sizeOf(value.shape));
    for (const pack of packs) written.set(`pack of ${pack.leaves[0]?.path}`, pack.size);
  }
  return [...written.values()].reduce((sum, x) => sum + x, 0);
};

/** Traces the programs of a training step and estimates what they need; nothing is run. */
export const planOf = (experiment: Experiment, machineGflops: number): { readonly plan: Plan; readonly graph: () => string } => {
  const state = initialState(experiment);
  const runner = runnerOf(experiment);
  const compiled = Object.entries(compileAll(runner.programs, state, runner.scratch));
  const costs = compiled.map(([name, { graph }]) => ({ ...costOf(graph), runs: runner.runs[name] ?? 0, memory: memoryOf(graph) }));
  const total = (of: (cost: (typeof costs)[number]) => number): number => costs.reduce((sum, cost) => sum + of(cost), 0);
  const flopsPerStep = total(({ runs, matmulFlops }) => runs * matmulFlops);
  const stateNumbers = numbersIn(state);
  const keptNumbers = stateNumbers + shapedNumbers(runner.scratch) + writtenNumbers(compiled.map(([, each]) => each));
  const imagesPerSecond = (experiment.batch * machineGflops * 1e9 * efficiency) / flopsPerStep;
  const online = (state as { readonly online: HostTree }).online;
  const plan = {
    parameters: numbersIn(online),
    nodes: total(({ nodes }) => nodes),
    steps: experiment.steps,
    flopsPerStep,
    memoryBytes: runtimeBytes + 4 * keptNumbers + total(({ memory }) => memory.constants + memory.peakIntermediates),
    imagesPerSecond,
    seconds: (experiment.steps * experiment.batch) / imagesPerSecond,
    checkpointBytes: 4 * stateNumbers,
  };
  const graph = (): string => compiled.map(([name, each]) => `${name}\n${printGraph(each.graph)}`).join("\n");
  return { plan, graph };
};
