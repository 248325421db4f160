import { expect, test } from "vitest";
import { rowOf } from "./gradient-maps.ts";
import { weightEnds } from "./gradients.ts";
import { spikeEvents } from "./spike-events.ts";
import { layerPaths } from "./synthetic-run.test.kit.ts";

test("paths as rows of a map", () => {
  const shown = (path: string): string => `${rowOf(path).group}: ${rowOf(path).name}`;
  expect(
    [
      "encoder/patch/w",
      "encoder/token",
      "encoder/blocks/block03/mlp/fc1/w",
      "heads/projector/fc1/w",
      "encoder/stage1/block0/conv1/w",
      "prototypes",
      "a/b",
    ].map(shown),
  ).toEqual(["patch: w", "token: ", "block03: mlp/fc1/w", "projector: fc1/w", "stage1: block0/conv1/w", "prototypes: ", "a: b"]);
});

test("the first and the last weight of the encoder", () => {
  expect(weightEnds(layerPaths(4))).toEqual(["encoder/patch/w", "encoder/blocks/block03/mlp/fc2/w"]);
  expect(weightEnds(layerPaths(4).filter((path) => !path.startsWith("encoder/patch")))).toEqual([
    "encoder/blocks/block00/attention/qkv/w",
    "encoder/blocks/block03/mlp/fc2/w",
  ]);
  expect(weightEnds(["a", "b", "c"])).toEqual(["a", "c"]);
  expect(weightEnds(["a"])).toEqual(["a"]);
  expect(weightEnds([])).toEqual([]);
});

test("spikes of neighbouring steps are one event that began in the layer which leapt most in its first step", () => {
  const spike = (step: number, layer: string, ratio: number) => ({ kind: "spike", step, layer, ratio }) as const;
  const events = spikeEvents([spike(30, "c", 4), spike(10, "a", 5), spike(10, "b", 4), spike(12, "c", 20), spike(14, "a", 3)], 3);
  expect(events).toEqual([
    { first: 10, last: 14, began: "a", strongest: spike(12, "c", 20), layers: 3 },
    { first: 30, last: 30, began: "c", strongest: spike(30, "c", 4), layers: 1 },
  ]);
  expect(spikeEvents([])).toEqual([]);
});
