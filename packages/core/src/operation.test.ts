import { drawn, operationChecks, slow } from "@twinview/testkit";
import { expect, test } from "vitest";
import type { Tensor } from "./index.ts";
import * as core from "./index.ts";
import { operation } from "./operation.ts";
import { runKernel } from "./tfjs.ts";

const { checkOperation } = operationChecks<Tensor>(core);
const inputs = { x: drawn([3, 4], { seed: 1 }) };
const cubed = (factor: number) =>
  operation((x) => {
    const squared = runKernel("Square", { x });
    return {
      value: runKernel("Multiply", { a: x, b: squared }),
      keep: [squared],
      gradient: (dy, [kept]) => [
        runKernel("Multiply", { a: dy, b: runKernel("Multiply", { a: kept as Tensor, b: core.constant([factor], []) }) }),
      ],
    };
  });

test("an operation's value and gradient are those it defines, and a check of it sees when either is wrong", () => {
  const twin = ({ x }: { readonly x: ReturnType<typeof slow> }) =>
    slow(
      x.data.map((v) => v ** 3),
      x.shape,
    );
  checkOperation({ inputs, f: ({ x }) => cubed(3)(x), slow: twin });
  expect(() => checkOperation({ inputs, f: ({ x }) => cubed(3.001)(x), slow: twin })).toThrow(/^gradient of x: \d+ of 12 numbers differ/);
  const off = ({ x }: { readonly x: ReturnType<typeof slow> }) =>
    slow(
      x.data.map((v) => 1.0001 * v ** 3),
      x.shape,
    );
  expect(() => checkOperation({ inputs, f: ({ x }) => cubed(3)(x), slow: off })).toThrow(/^value: \d+ of 12 numbers differ/);
});
