import {
  type HostArray,
  type HostTree,
  hostArray,
  leaves,
  mapTree,
  sizeOf,
  type Tensor,
  type Tree,
  tfModule,
  toTensors,
} from "@twinview/core";
import { checkInputs, programOf } from "./check-inputs.ts";
import type { Engine, RunResult } from "./engine.ts";
import type { Shaped } from "./memory.ts";

/** A backend of tfjs to run programs on. */
export interface EagerOptions {
  /** The engine's name. */
  readonly name: string;
  /** Loads the backend when a session is opened, for that many threads where it can choose, and gives its name in tfjs. */
  readonly load: (threads: number | undefined) => string;
}

const isFiniteArray = (array: HostArray): boolean => array.dtype !== "float32" || array.data.every((x) => Number.isFinite(x));

/** Whether every scalar among the outputs is finite. */
const allScalarsFinite = (outputs: Readonly<Record<string, HostArray>>): boolean =>
  Object.values(outputs).every((array) => array.shape.length > 0 || isFiniteArray(array));

const { tf, onBackend, toHost } = tfModule();

/** Tensors of the same numbers, for tfjs's tape other ones: what a program does to those it was given, or frees, is its own matter. */
const cloned = (tree: Tree<Tensor>): Tree<Tensor> => mapTree<Tensor, Tensor>((leaf) => tf.clone(leaf as never) as never, tree);

const freed = (tree: Tree<Tensor>): void => {
  for (const [, leaf] of leaves<Tensor>(tree)) tf.dispose(leaf as never);
};

/** Copies that outlive the scope they are made in. */
const held = (tree: Tree<Tensor>): Tree<Tensor> => mapTree<Tensor, Tensor>((leaf) => tf.keep(leaf as never) as never, cloned(tree));

const zerosOf = ({ shape }: Shaped): HostArray => hostArray(new Float32Array(sizeOf(shape)), shape);

/**
 * An engine that runs every program eagerly, operation by operation, on a backend of tfjs, in this process. State and working
 * memory stay on the backend.
 */
export const eagerEngine = ({ name: engineName, load }: EagerOptions): Engine => ({
  name: engineName,
  open: async ({ state: initial, scratch: shapes = null, programs, threads }) => {
    const backend = load(threads);
    const within = <R>(f: () => R): R =>
      onBackend(backend, () => {
        tf.engine().startScope();
        try {
          return f();
        } finally {
          tf.engine().endScope();
        }
      });
    const hold = (tree: HostTree): Tree<Tensor> => within(() => held(toTensors(tree)));
    let state = hold(initial);
    let scratch = hold(mapTree<Shaped, HostArray>(zerosOf, shapes));
    let peakRssBytes = process.memoryUsage.rss();
    return {
      run: async (name, inputs): Promise<RunResult> => {
        const program = programOf(programs, name);
        checkInputs(name, program, inputs);
        const started = performance.now();
        const { outputs, committed } = within(() => {
          const fed = Object.fromEntries(Object.entries(inputs).map(([key, array]) => [key, toTensors(array) as Tensor]));
          const out = program.run({ state: cloned(state), scratch: cloned(scratch), inputs: fed });
          const read = Object.fromEntries(Object.entries(out.outputs).map(([key, tensor]) => [key, toHost(tensor)]));
          const finite = allScalarsFinite(inputs) && allScalarsFinite(read);
          const taken = (before: Tree<Tensor>, after: Tree<Tensor> | undefined): Tree<Tensor> => {
            if (!finite || after === undefined) return before;
            const fresh = held(after);
            freed(before);
            return fresh;
          };
          state = taken(state, out.state);
          scratch = taken(scratch, out.scratch);
          return { outputs: read, committed: finite };
        });
        peakRssBytes = Math.max(peakRssBytes, process.memoryUsage.rss());
        return { outputs, committed, seconds: (performance.now() - started) / 1000, peakRssBytes };
      },
      read: async () => within(() => mapTree<Tensor, HostArray>(toHost, state)),
      close: async () => {
        freed(state);
        freed(scratch);
        state = null;
        scratch = null;
      },
    };
  },
});
