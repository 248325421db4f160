import {
  constant,
  type HostArray,
  type HostTree,
  leaves,
  mul,
  rebuild,
  type Scalar,
  sum,
  type Tensor,
  type Tree,
  toTensors,
  valueAndGradient,
} from "@twinview/core";
import type { InputSpec, Program } from "@twinview/engine";
import type { TrainingState, TrainingStep } from "@twinview/methods";
import { applyUpdates } from "@twinview/optim";
import { drawn } from "@twinview/testkit";
import { batch, type MethodRow } from "../tables/methods.ts";
import type { ModuleRow } from "../tables/modules.ts";
import type { OperationRow } from "../tables/operations.ts";
import type { OptimizerRow } from "../tables/optimizers.ts";

const specOf = ({ shape }: { readonly shape: readonly number[] }): InputSpec => ({ shape, dtype: "float32" });
const scalar: InputSpec = { shape: [], dtype: "float32" };

/** Fixed random numbers of the shape of `x`: a scalar projection with all of its elements in it. */
const projected = (x: Tensor): Scalar => sum(mul(x, constant(Float32Array.from(drawn(x.shape, { seed: 41 }).data), x.shape)));

/** An operation's value and, where it has one, its gradient by every input. */
export const operationProgram = ({ inputs, f, gradient }: OperationRow): Program => ({
  inputs: Object.fromEntries(Object.entries(inputs).map(([name, numbers]) => [name, specOf(numbers)])),
  run: ({ inputs: fed }) => {
    const value = f(fed);
    if (!gradient) return { outputs: { value } };
    const { gradients } = valueAndGradient((at: Readonly<Record<string, Tensor>>) => ({ value: projected(f(at)), aux: null }), fed);
    return { outputs: { value, ...Object.fromEntries(Object.entries(gradients).map(([name, g]) => [`gradient of ${name}`, g])) } };
  },
});

/** A module's output, its state after, and the gradient by its input and its parameters, which are inputs of the program. */
export const moduleProgram = (row: ModuleRow, vars: { readonly params: HostTree; readonly state: HostTree }, train: boolean): Program => {
  const point = { params: vars.params, x: { shape: row.input, dtype: "float32", data: new Float32Array() } } as unknown as HostTree;
  const named = leaves<HostArray>(point);
  return {
    inputs: Object.fromEntries(named.map(([path, leaf]) => [path, specOf(leaf)])),
    run: ({ inputs }) => {
      const at = rebuild(point, new Map(Object.entries(inputs))) as Tree<Tensor>;
      const { aux, gradients } = valueAndGradient((here: Tree<Tensor>) => {
        const { params, x } = here as unknown as { readonly params: unknown; readonly x: Tensor };
        const after = row.apply({ params, state: toTensors(vars.state) }, x, { train, hyper: {} });
        return { value: projected(after.out), aux: after as unknown as Tree<Tensor> };
      }, at);
      return {
        outputs: {
          ...Object.fromEntries(leaves<Tensor>(aux)),
          ...Object.fromEntries(leaves<Tensor>(gradients).map(([path, g]) => [`gradient of ${path}`, g])),
        },
      };
    },
  };
};

/** One step of an optimizer: the state holds parameters and the optimizer's own, gradients and scalars are fed. */
export const optimizerProgram = ({ optimizer }: OptimizerRow, params: HostTree): Program => ({
  inputs: {
    ...Object.fromEntries(leaves<HostArray>(params).map(([path, leaf]) => [path, specOf(leaf)])),
    ...Object.fromEntries(optimizer.hyper.map((name) => [name, scalar])),
  },
  run: ({ state, inputs }) => {
    const before = state as { readonly params: Tree<Tensor>; readonly optimizer: unknown };
    const updates = rebuild(params, new Map(Object.entries(inputs))) as Tree<Tensor>;
    const hyper = Object.fromEntries(optimizer.hyper.map((name) => [name, inputs[name] as Scalar]));
    const out = optimizer.update({ updates, state: before.optimizer, params: before.params, hyper });
    return { state: { params: applyUpdates(before.params, out.updates), optimizer: out.state as Tree<Tensor> }, outputs: {} };
  },
});

/** One step of a method, as the training loop would run it. */
export const methodProgram = (row: MethodRow, step: TrainingStep<string>): Program => ({
  inputs: {
    ...Object.fromEntries(
      row.views.map(({ size }, i): [string, InputSpec] => [`view${i}`, { shape: [batch, size, size, 3], dtype: "uint8" }]),
    ),
    ...Object.fromEntries(step.hyper.map((name) => [name, scalar])),
  },
  run: ({ state, inputs }) => {
    const views = row.views.map((_, i) => inputs[`view${i}`] as Tensor);
    const hyper = Object.fromEntries(step.hyper.map((name) => [name, inputs[name] as Scalar]));
    const after = step.step({ state: state as unknown as TrainingState, views, hyper });
    return { state: after.state as unknown as Tree<Tensor>, outputs: after.metrics };
  },
});
