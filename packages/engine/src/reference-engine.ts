import { evaluate, type HostArray, type HostTree, mapTree, type Tensor, type Tree, toTensors } from "@twinview/core";
import { checkInputs, programOf } from "./check-inputs.ts";
import type { Engine, RunResult } from "./engine.ts";

const isFiniteArray = (array: HostArray): boolean => array.dtype !== "float32" || array.data.every((x) => Number.isFinite(x));

/** Whether every scalar among the outputs is finite. */
export const allScalarsFinite = (outputs: Readonly<Record<string, HostArray>>): boolean =>
  Object.values(outputs).every((array) => array.shape.length > 0 || isFiniteArray(array));

/**
 * The oracle: every program eagerly, operation by operation, on tfjs's pure JavaScript backend, in this process. Slow; for tests
 * and for finding out whether another engine is wrong.
 */
export const referenceEngine = (): Engine => ({
  name: "reference",
  open: async ({ state: initial, programs }) => {
    let state = initial;
    let peakRssBytes = process.memoryUsage.rss();
    return {
      run: async (name, inputs): Promise<RunResult> => {
        const program = programOf(programs, name);
        checkInputs(name, program, inputs);
        const started = performance.now();
        const result = evaluate(() => {
          const fed = Object.fromEntries(Object.entries(inputs).map(([key, array]) => [key, toTensors(array) as Tensor]));
          const out = program.run({ state: toTensors(state), inputs: fed });
          return { state: out.state ?? null, outputs: out.outputs } as Tree<Tensor>;
        }) as { readonly state: HostTree; readonly outputs: Readonly<Record<string, HostArray>> };
        const committed = allScalarsFinite(result.outputs);
        if (committed && result.state !== null) state = result.state;
        peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss());
        return { outputs: result.outputs, committed, seconds: (performance.now() - started) / 1000, peakRssBytes };
      },
      read: async () => mapTree<HostArray, HostArray>((leaf) => ({ ...leaf, data: leaf.data.slice() }), state),
      close: async () => {
        state = null;
      },
    };
  },
});
