import * as core from "@twinview/core";
import { evaluate, type HostArray, type Scalar, type Tensor, type Tree, toTensors } from "@twinview/core";
import { infoNce } from "@twinview/loss";
import { attention, batchNorm } from "@twinview/nn";
import { adamw, applyUpdates, sgd, type TensorTree, type Transform } from "@twinview/optim";
import { difference, expectClose, type Numbers, operationChecks, slow } from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import { goldenJson } from "./golden-step.ts";

type Arrays<K extends string> = Readonly<Record<K, Numbers>>;
type Graded<K extends string> = Arrays<K | `${K}Grad` | "out" | "outGrad">;
interface Oracles {
  readonly layerNorm: Graded<"x" | "scale" | "shift"> & { readonly eps: number };
  readonly gelu: Graded<"x">;
  readonly attention: Graded<"q" | "k" | "v">;
  readonly selfAttention: Graded<"x" | "qkvW" | "qkvB" | "outW" | "outB"> & { readonly heads: number };
  readonly batchNorm: Arrays<"scale" | "shift" | "evalOut"> & {
    readonly batches: readonly Numbers[];
    readonly trainOut: readonly Numbers[];
    readonly runningAfter: readonly Arrays<"mean" | "variance">[];
    readonly trainGradients: Graded<"x" | "scale" | "shift">;
    readonly plainGradients: Graded<"x">;
    readonly eps: number;
    readonly momentum: number;
  };
  readonly l2Normalize: Graded<"x">;
  readonly infoNce: Arrays<"q" | "k" | "unitQ" | "unitK" | "qGrad" | "unitQGrad"> & { readonly tau: number; readonly loss: number };
  readonly optimizers: {
    readonly lr: readonly number[];
    readonly start: Arrays<"w" | "b">;
    readonly gradients: readonly Arrays<"w" | "b">[];
  } & Readonly<Record<"adamw" | "adam" | "sgd" | "sgdMomentum" | "sgdMomentumDecay" | "sgdNesterovDecay", readonly Arrays<"w" | "b">[]>>;
}
const oracles = goldenJson<Oracles>("oracles.json");
const { gradientsOf, numbersOf, tensors } = operationChecks<Tensor>(core);

/** Value and gradients of a function against those that PyTorch gave in float64; the golden files hold nine digits. */
const expectOracle = <K extends string>(
  golden: Graded<K>,
  names: readonly K[],
  f: (inputs: { readonly [N in K]: Tensor }) => Tensor,
): void => {
  const inputs = Object.fromEntries(names.map((name) => [name, golden[name]])) as { readonly [N in K]: Numbers };
  expectClose(
    numbersOf(() => f(tensors(inputs))),
    golden.out,
    { name: "value", ofLargest: 2e-6, absolute: 1e-7 },
  );
  const gradients = gradientsOf(f, inputs, golden.outGrad);
  for (const name of names)
    expectClose(gradients[name], golden[`${name}Grad`], { name: `gradient of ${name}`, ofLargest: 5e-6, absolute: 1e-7 });
};

describe("PyTorch's numbers in float64", () => {
  test("layer norm", () => {
    const { eps } = oracles.layerNorm;
    expectOracle(oracles.layerNorm, ["x", "scale", "shift"], ({ x, scale, shift }) => core.layerNorm(x, scale, shift, { epsilon: eps }));
  });

  test("gelu", () => {
    expectOracle(oracles.gelu, ["x"], ({ x }) => core.gelu(x));
  });

  test("l2Normalize, rows of small length and a row of zeros too", () => {
    const { x, out, outGrad, xGrad } = oracles.l2Normalize;
    expectClose(
      numbersOf(() => core.l2Normalize(tensors({ x }).x)),
      out,
      { name: "value", absolute: 1e-6 },
    );
    const found = gradientsOf(({ x: at }) => core.l2Normalize(at), { x }, outGrad).x;
    // rows differ in length by thousands, and so do their gradients; where x is 0, both are outGrad / epsilon
    for (const row of [0, 1, 2, 3]) {
      const part = ({ data }: Numbers): number[] => Array.from(data).slice(6 * row, 6 * row + 6);
      expectClose(part(found), part(xGrad), { name: `gradient of row ${row}`, ofLargest: 2e-6 });
    }
  });

  test("attention over heads", () => {
    const [batch, heads, tokens, width] = oracles.attention.q.shape as readonly [number, number, number, number];
    const row = (x: Tensor): Tensor => core.reshape(core.transpose(x, [0, 2, 1, 3]), [batch, tokens, heads * width]);
    expectOracle(oracles.attention, ["q", "k", "v"], ({ q, k, v }) => {
      const mixed = core.attention(core.concat([row(q), row(k), row(v)], 2), { heads });
      return core.transpose(core.reshape(mixed, [batch, tokens, heads, width]), [0, 2, 1, 3]);
    });
  });

  test("the attention module, projections included", () => {
    const module = attention({ dim: 12, heads: oracles.selfAttention.heads });
    expectOracle(oracles.selfAttention, ["x", "qkvW", "qkvB", "outW", "outB"], ({ x, qkvW, qkvB, outW, outB }) => {
      const params = { qkv: { w: qkvW, b: qkvB }, out: { w: outW, b: outB } };
      return module.apply({ params, state: null }, x, { train: true, hyper: {} }).out;
    });
  });

  describe("batch norm", () => {
    const { batches, trainOut, runningAfter, evalOut, scale, shift, trainGradients, plainGradients, eps, momentum } = oracles.batchNorm;
    const module = batchNorm({ dim: 4, epsilon: eps, momentum });
    const start = { mean: [0, 0, 0, 0], variance: [1, 1, 1, 1] };

    test("outputs and running statistics over two batches, then evaluation", () => {
      let state = { mean: slow(start.mean) as Numbers, variance: slow(start.variance) as Numbers };
      const apply = (x: Numbers, train: boolean) =>
        evaluate(() => {
          const at = tensors({ x, scale, shift, mean: state.mean, variance: state.variance });
          const vars = { params: { scale: at.scale, shift: at.shift }, state: { mean: at.mean, variance: at.variance } };
          return module.apply(vars, at.x, { train, hyper: {} }) as unknown as Tree<Tensor>;
        }) as unknown as { readonly out: HostArray; readonly state: { readonly mean: HostArray; readonly variance: HostArray } };
      for (const [i, x] of batches.entries()) {
        const after = apply(x, true);
        state = after.state;
        expectClose(after.out, trainOut[i] as Numbers, { name: `output ${i}`, absolute: 2e-6 });
        expectClose(after.state.mean, runningAfter[i]?.mean as Numbers, { name: `mean ${i}`, absolute: 1e-6 });
        expectClose(after.state.variance, runningAfter[i]?.variance as Numbers, { name: `variance ${i}`, absolute: 1e-6 });
      }
      expectClose(apply(batches[0] as Numbers, false).out, evalOut, { name: "evaluation", absolute: 2e-6 });
    });

    test("gradients, with scale and shift and without", () => {
      expectOracle(trainGradients, ["x", "scale", "shift"], ({ x, scale: s, shift: t }) => {
        const state = { mean: core.zeros([4]), variance: core.ones([4]) };
        return module.apply({ params: { scale: s, shift: t }, state }, x, { train: true, hyper: {} }).out;
      });
      expectOracle(plainGradients, ["x"], ({ x }) => core.batchNormalize(x, { epsilon: eps }));
    });
  });

  test("infoNce, from unit vectors and through their normalisation", () => {
    const { q, k, unitQ, unitK, qGrad, unitQGrad, tau, loss } = oracles.infoNce;
    const found = numbersOf(() => infoNce(tensors({ unitQ }).unitQ, tensors({ unitK }).unitK, tau));
    expectClose(found.data, [loss], { name: "loss", relative: 1e-6 });
    const one = slow([1], []);
    const byUnit = gradientsOf(({ unitQ: at }) => infoNce(at, tensors({ unitK }).unitK, tau), { unitQ }, one).unitQ;
    expectClose(byUnit, unitQGrad, { name: "gradient of unit queries", ofLargest: 5e-6 });
    const through = gradientsOf(({ q: at }) => infoNce(core.l2Normalize(at), core.l2Normalize(tensors({ k }).k), tau), { q }, one).q;
    expectClose(through, qGrad, { name: "gradient of queries", ofLargest: 5e-6 });
  });
});

describe("PyTorch's optimizers over five steps with a rate that changes", () => {
  const { lr, start, gradients } = oracles.optimizers;
  const rows: readonly {
    name: "adamw" | "adam" | "sgd" | "sgdMomentum" | "sgdMomentumDecay" | "sgdNesterovDecay";
    optimizer: Transform<unknown, "lr" | "wd">;
    wd: number;
  }[] = [
    { name: "adamw", optimizer: adamw() as Transform<unknown, "lr" | "wd">, wd: 0.1 },
    { name: "adam", optimizer: adamw() as Transform<unknown, "lr" | "wd">, wd: 0 },
    { name: "sgd", optimizer: sgd({ momentum: 0 }) as Transform<unknown, "lr" | "wd">, wd: 0 },
    { name: "sgdMomentum", optimizer: sgd() as Transform<unknown, "lr" | "wd">, wd: 0 },
    { name: "sgdMomentumDecay", optimizer: sgd() as Transform<unknown, "lr" | "wd">, wd: 0.1 },
    { name: "sgdNesterovDecay", optimizer: sgd({ nesterov: true }) as Transform<unknown, "lr" | "wd">, wd: 0.1 },
  ];
  const host = ({ shape, data }: Numbers): HostArray => ({ shape, dtype: "float32", data: Float32Array.from(data) });
  const treeOf = ({ w, b }: Arrays<"w" | "b">) => ({ w: host(w), b: host(b) });

  test.each(rows)("$name", ({ name, optimizer, wd }) => {
    let params = treeOf(start);
    let state = evaluate(() => optimizer.init(toTensors(params) as TensorTree) as Tree<Tensor>);
    for (const [i, rate] of lr.entries()) {
      const after = evaluate(() => {
        const before = toTensors(params) as TensorTree;
        const scalar = (value: number): Scalar => core.constant([value], []);
        const updates = toTensors(treeOf(gradients[i] as Arrays<"w" | "b">)) as TensorTree;
        const out = optimizer.update({ updates, state: toTensors(state), params: before, hyper: { lr: scalar(rate), wd: scalar(wd) } });
        return { params: applyUpdates(before, out.updates), state: out.state as TensorTree };
      }) as unknown as { params: typeof params; state: typeof state };
      ({ params, state } = after);
      const expected = oracles.optimizers[name][i] as Arrays<"w" | "b">;
      for (const leaf of ["w", "b"] as const)
        expect(difference(params[leaf], expected[leaf], { absolute: 3e-7, relative: 3e-7 }), `step ${i}, ${leaf}`).toBeUndefined();
    }
  });
});
