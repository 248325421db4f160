import { evaluate, type HostArray, type HostTree, hostArray, mapTree, sizeOf, type Tensor, type Tree, toTensors } from "@twinview/core";
import { checkInputs, programOf } from "./check-inputs.ts";
import type { Engine, RunResult } from "./engine.ts";
import type { Shaped } from "./memory.ts";

const isFiniteArray = (array: HostArray): boolean => array.dtype !== "float32" || array.data.every((x) => Number.isFinite(x));

const zerosOf = (shape: readonly number[]): HostArray => hostArray(new Float32Array(sizeOf(shape)), shape);

/** Whether every scalar among the outputs is finite. */
export const allScalarsFinite = (outputs: Readonly<Record<string, HostArray>>): boolean =>
  Object.values(outputs).every((array) => array.shape.length > 0 || isFiniteArray(array));

/**
 * The oracle: every program eagerly, operation by operation, on tfjs's pure JavaScript backend, in this process. Slow; for tests
 * and for finding out whether another engine is wrong.
 */
export const referenceEngine = (): Engine => ({
  name: "reference",
  open: async ({ state: initial, scratch: shapes = null, programs }) => {
    let state = initial;
    let scratch: HostTree = mapTree<Shaped, HostArray>(({ shape }) => zerosOf(shape), shapes);
    let peakRssBytes = process.memoryUsage.rss();
    return {
      run: async (name, inputs): Promise<RunResult> => {
        const program = programOf(programs, name);
        checkInputs(name, program, inputs);
        const started = performance.now();
        const result = evaluate(() => {
          const fed = Object.fromEntries(Object.entries(inputs).map(([key, array]) => [key, toTensors(array) as Tensor]));
          const out = program.run({ state: toTensors(state), scratch: toTensors(scratch), inputs: fed });
          return { state: out.state ?? null, scratch: out.scratch ?? null, outputs: out.outputs } as Tree<Tensor>;
        }) as { readonly state: HostTree; readonly scratch: HostTree; readonly outputs: Readonly<Record<string, HostArray>> };
        const committed = allScalarsFinite(result.outputs);
        if (committed) {
          state = result.state ?? state;
          scratch = result.scratch ?? scratch;
        }
        peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss());
        return { outputs: result.outputs, committed, seconds: (performance.now() - started) / 1000, peakRssBytes };
      },
      read: async () => mapTree<HostArray, HostArray>((leaf) => ({ ...leaf, data: leaf.data.slice() }), state),
      close: async () => {
        state = null;
        scratch = null;
      },
    };
  },
});
