import { expectClose, type Tolerance } from "./close.ts";
import { finiteDifferences } from "./finite-differences.ts";
import { dot, drawn, type Numbers, type Slow, toSlow } from "./numbers.ts";

/** What the checks use of the numeric core. The core itself is tested with this kit, so it comes as an argument, not as a dependency. */
export interface NumericCore<T> {
  readonly constant: (values: readonly number[], shape: readonly number[]) => T;
  readonly mul: (a: T, b: T) => T;
  readonly sum: (x: T) => T;
  readonly evaluate: (f: () => { readonly [name: string]: T }) => unknown;
  readonly valueAndGradient: (
    f: (params: { readonly [name: string]: T }) => { readonly value: T; readonly aux: null },
    params: { readonly [name: string]: T },
  ) => { readonly gradients: { readonly [name: string]: T } };
}

export interface OperationCheck<T, K extends string> {
  readonly inputs: { readonly [N in K]: Numbers };
  readonly f: (inputs: { readonly [N in K]: T }) => T;
  /** The same function in float64, written differently. */
  readonly slow: (inputs: { readonly [N in K]: Slow }) => Slow;
  /** 2e-6 of the largest number unless told: a few roundings of float32. */
  readonly value?: Tolerance;
  /** 5e-6 of the largest number unless told; false where the function has no gradient. */
  readonly gradient?: Tolerance | false;
}

/**
 * Checks of differentiable functions against slow twins. The value must equal the twin's, and the gradient of the output's
 * product with random weights must equal finite differences of the twin in float64, for every input.
 */
export const operationChecks = <T>(core: NumericCore<T>) => {
  const tensors = <K extends string>(inputs: { readonly [N in K]: Numbers }): { readonly [N in K]: T } =>
    Object.fromEntries(
      Object.entries<Numbers>(inputs).map(([name, { data, shape }]) => [name, core.constant(Array.from(data), shape)]),
    ) as { readonly [N in K]: T };

  /** The numbers of a function's output. */
  const numbersOf = (f: () => T): Numbers => (core.evaluate(() => ({ out: f() })) as { readonly out: Numbers }).out;

  /** The gradient of `sum(f(inputs) * weights)` by each input. */
  const gradientsOf = <K extends string>(
    f: (inputs: { readonly [N in K]: T }) => T,
    inputs: { readonly [N in K]: Numbers },
    weights: Numbers,
  ): { readonly [N in K]: Numbers } =>
    core.evaluate(() => {
      const seed = core.constant(Array.from(weights.data), weights.shape);
      const scalar = (params: { readonly [name: string]: T }) => ({
        value: core.sum(core.mul(f(params as { readonly [N in K]: T }), seed)),
        aux: null,
      });
      return core.valueAndGradient(scalar, tensors(inputs)).gradients;
    }) as { readonly [N in K]: Numbers };

  const checkOperation = <K extends string>({ inputs, f, slow, value, gradient }: OperationCheck<T, K>): void => {
    const names = Object.keys(inputs) as K[];
    const twins = Object.fromEntries(names.map((name) => [name, toSlow(inputs[name])])) as { readonly [N in K]: Slow };
    const expected = slow(twins);
    expectClose(
      numbersOf(() => f(tensors(inputs))),
      expected,
      { name: "value", ...(value ?? { ofLargest: 2e-6 }) },
    );
    if (gradient === false) return;
    const weights = drawn(expected.shape, { seed: 77 });
    const found = gradientsOf(f, inputs, weights);
    for (const name of names) {
      const { shape } = inputs[name];
      const byDifferences = finiteDifferences(
        (x) => dot(slow({ ...twins, [name]: { shape, data: x } }).data, weights.data),
        twins[name].data,
      );
      expectClose(
        found[name],
        { shape, data: byDifferences },
        { name: `gradient of ${name}`, ...(gradient ?? { ofLargest: 5e-6, absolute: 1e-8 }) },
      );
    }
  };

  return { checkOperation, numbersOf, gradientsOf, tensors };
};
