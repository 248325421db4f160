import { type HostArray, type HostTree, leaves } from "@twinview/core";
import { type ResNetOptions, resnet, sizes, torchvisionName } from "@twinview/resnet";
import { expectClose, lengthOf } from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import { drawnByName, expectGradients, expectStatistics, type GoldenEncoder, initialOf, passes } from "./golden-encoder.ts";
import { goldenJson } from "./golden-step.ts";

interface Case extends GoldenEncoder {
  readonly width: number;
  readonly side: number;
  readonly batch: number;
}

interface Golden {
  readonly names: Readonly<Record<"18" | "34" | "50", { readonly parameters: readonly string[]; readonly buffers: readonly string[] }>>;
  readonly small18: Case;
  readonly large50: Case;
}

const golden = goldenJson<Golden>("resnet.json");

/** The parameter at a path as golden/resnet.py fills it. */
const filled = (shape: readonly number[], path: string, last: string): HostArray => {
  const name = torchvisionName(path);
  if (shape.length === 4) {
    const bound = Math.sqrt(6 / shape.slice(1).reduce((a, b) => a * b, 1));
    return drawnByName(name, shape, -bound, bound);
  }
  if (path.endsWith("shift")) return drawnByName(name, shape, -0.3, 0.3);
  return path.endsWith(last) ? drawnByName(name, shape, 0.1, 0.3) : drawnByName(name, shape, 0.5, 1.5);
};

/** The norm at the end of a block. */
const lastNorm = ({ size }: ResNetOptions): string => (size.bottleneck ? "bn3/scale" : "bn2/scale");

/** Three times as far as torch's own float32 lies from its float64 on the deeper of the two networks, in parts of the largest. */
const features = { ofLargest: 1e-5 };

describe.each([
  { name: "resnet-18, small stem, 32 px", options: { size: sizes["18"], stem: "small" }, expected: golden.small18 },
  { name: "resnet-50, large stem, 64 px", options: { size: sizes["50"], stem: "large" }, expected: golden.large50 },
] as const)("$name equals torchvision", async ({ options, expected }) => {
  const fill = (path: string, shape: readonly number[]) => filled(shape, path, lastNorm(options));
  const found = await passes(resnet({ ...options, width: expected.width }), { ...expected, fill });

  test("in the features of two training passes and of one in evaluation", () => {
    for (const pass of ["first", "second", "evaluated"] as const)
      expectClose(found[pass].data, expected[pass], { name: pass, ...features });
  });
  test("in the running statistics after the two passes", () => expectStatistics(found.statistics, expected.statistics, torchvisionName));
  test("in the gradient of every parameter, to 1e-4 of its norm", () =>
    expectGradients(found.gradients, expected.gradients, torchvisionName));
});

describe.each(["18", "34", "50"] as const)("resnet-%s", (size) => {
  const { params, state } = initialOf(resnet({ size: sizes[size], stem: "large" }));

  test("has torchvision's parameters and running statistics: names, shapes and order", () => {
    const named = (tree: HostTree): string[] =>
      leaves<HostArray>(tree).map(([path, { shape }]) => `${torchvisionName(path)} [${shape.join(", ")}]`);
    expect(named(params)).toEqual(golden.names[size].parameters);
    expect(named(state)).toEqual(golden.names[size].buffers);
  });

  test("starts with torchvision's distribution: He's fan-out deviation, and the last scale of each block at 0", () => {
    const last = lastNorm({ size: sizes[size], stem: "large" });
    for (const [path, { shape, data }] of leaves<HostArray>(params)) {
      if (shape.length === 4) {
        const deviation = Math.sqrt(2 / ((shape[0] as number) * (shape[2] as number) * (shape[3] as number)));
        const count = data.length;
        // sampling errors of a mean and of a standard deviation, five times over
        expect(Math.abs((data as Float32Array).reduce((a, b) => a + b, 0) / count), path).toBeLessThan((5 * deviation) / Math.sqrt(count));
        expect(Math.abs(lengthOf(data) / Math.sqrt(count) / deviation - 1), path).toBeLessThan(5 / Math.sqrt(2 * count));
      } else {
        const value = path.endsWith("shift") || path.endsWith(last) ? 0 : 1;
        expect(
          data.every((x) => x === value),
          path,
        ).toBe(true);
      }
    }
  });
});
