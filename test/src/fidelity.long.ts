import { referenceEngine } from "@twinview/engine";
import { expect, it } from "vitest";
import { lossesOn, strayed } from "./golden-curve.ts";

it("twenty MoCo v3 steps on the reference engine lose what PyTorch loses, within 3x the spread of weights perturbed by 1e-7", async () => {
  expect(strayed(await lossesOn(referenceEngine()))).toEqual([]);
});
