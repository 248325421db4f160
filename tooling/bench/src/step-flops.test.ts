import { rngOf, type Tensor } from "@twinview/core";
import { compile, costOf, trace } from "@twinview/engine";
import { resnet, sizes } from "@twinview/resnet";
import { initialState, stepProgram } from "@twinview/train";
import { expect, test } from "vitest";
import { experimentOf } from "./our-step.ts";
import { resnetFlops } from "./resnet-flops.ts";
import { stepFlops, type VitStepConfig } from "./step-flops.ts";

/** Counts the products of the recipe one by one. */
const slowCount = (c: VitStepConfig): number => {
  let flops = 0;
  const product = (m: number, k: number, n: number, passes: number): void => {
    flops += 2 * m * k * n * passes;
  };
  const patches = (c.size / c.patch) ** 2;
  const width = c.dim / c.heads;
  for (const network of ["online", "target"]) {
    const passes = network === "online" ? 3 : 1; // forward, gradient of the input, gradient of the weights
    for (let image = 0; image < 2 * c.batch; image++) {
      product(patches, c.patch ** 2 * 3, c.dim, network === "online" ? 2 : 1);
      for (let block = 0; block < c.depth; block++) {
        product(patches + 1, c.dim, 3 * c.dim, passes);
        for (let head = 0; head < c.heads; head++) {
          product(patches + 1, width, patches + 1, passes);
          product(patches + 1, patches + 1, width, passes);
        }
        product(patches + 1, c.dim, c.dim, passes);
        product(patches + 1, c.dim, 4 * c.dim, passes);
        product(patches + 1, 4 * c.dim, c.dim, passes);
      }
      const widths = network === "online" ? [c.dim, c.hidden, c.hidden, c.out, c.hidden, c.out] : [c.dim, c.hidden, c.hidden, c.out];
      for (let i = 1; i < widths.length; i++) product(1, widths[i - 1] as number, widths[i] as number, passes);
    }
  }
  for (let direction = 0; direction < 2; direction++) product(c.batch, c.out, c.batch, 2);
  return flops;
};

test("stepFlops counts every product of the recipe", () => {
  const config = { method: "moco-v3", dim: 24, depth: 3, heads: 2, patch: 4, size: 16, batch: 5, hidden: 40, out: 12 } as const;
  expect(stepFlops(config)).toBe(slowCount(config));
});

test("resnetFlops counts the convolutions of the graph", () => {
  const encoder = resnet({ size: sizes["18"], stem: "small", width: 8 });
  const graph = trace({ images: { shape: [1, 16, 16, 3], dtype: "float32" } }, ({ images }) => ({
    out: encoder.apply(encoder.init(rngOf(0)), images as Tensor, { train: false, hyper: {} }).out,
  }));
  expect(resnetFlops(16, 8).forward).toBe(costOf(graph).matmulFlops);
});

test.each(["moco-v3", "simclr", "byol", "swav"] as const)(
  "stepFlops of %s on a ResNet are those of the graph but for its monitors",
  (method) => {
    const config = { method, resnet: "18", dim: 512, size: 8, batch: 3, hidden: 512, out: 64 } as const;
    const experiment = experimentOf(config, {});
    const besides = costOf(compile(stepProgram(experiment), initialState(experiment)).graph).matmulFlops - stepFlops(config);
    expect(besides).toBeGreaterThanOrEqual(0);
    expect(besides).toBeLessThan(2e-4 * stepFlops(config)); // a head that is forgotten is 7e-4 or more
  },
);
