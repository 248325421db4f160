import type { HostArray } from "@twinview/core";
import { expectClose } from "@twinview/testkit";
import { type VitOptions, vit } from "@twinview/vit";
import { describe, test } from "vitest";
import { drawnByName, expectGradients, expectStatistics, type GoldenEncoder, passes } from "./golden-encoder.ts";
import { goldenJson } from "./golden-step.ts";

interface Golden {
  readonly config: {
    readonly dim: number;
    readonly depth: number;
    readonly heads: number;
    readonly patch: number;
    readonly image: number;
    readonly batch: number;
  };
  readonly conv: GoldenEncoder;
  readonly bn: GoldenEncoder;
  readonly both: GoldenEncoder;
}

const { config, ...golden } = goldenJson<Golden>("vit_variants.json");
const base: VitOptions = { size: { name: "golden", ...config }, patch: config.patch, image: config.image };
const fill = (path: string, shape: readonly number[]): HostArray =>
  path.endsWith("scale") ? drawnByName(path, shape, 0.5, 1.5) : drawnByName(path, shape, -0.3, 0.3);
const same = (path: string): string => path;

describe.each([
  { name: "convolutional stem", options: { stem: "conv" }, expected: golden.conv },
  { name: "batch norm in front of the MLPs", options: { mlpNorm: "batch" }, expected: golden.bn },
  { name: "both", options: { stem: "conv", mlpNorm: "batch" }, expected: golden.both },
] as const)("vit with $name equals torch", async ({ options, expected }) => {
  const found = await passes(vit({ ...base, ...options }), { side: config.image, batch: config.batch, fill });

  test("in the features of two training passes and of one in evaluation", () => {
    for (const pass of ["first", "second", "evaluated"] as const)
      expectClose(found[pass].data, expected[pass], { name: pass, ofLargest: 1e-5 });
  });
  test("in the running statistics after the two passes", () => expectStatistics(found.statistics, expected.statistics, same));
  test("in the gradient of every parameter, to 1e-4 of its norm", () => expectGradients(found.gradients, expected.gradients, same));
});
