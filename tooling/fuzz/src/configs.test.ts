import { swavApp } from "@twinview/swav";
import { expect, test } from "vitest";
import { configCampaign } from "./config-campaign.test.kit.ts";

test("mutated configurations are read and written again the same, or refused in short; no prototype is touched", () => {
  const { tried, read, refused } = configCampaign(1500, 7);
  expect(tried).toBe(1500);
  expect(read).toBeGreaterThan(50);
  expect(refused).toBeGreaterThan(500);
});

test.each([
  ["image=224000000", "image: wrong value", "a whole number from 1 to 4096"],
  ["crops.small=1000000000", "crops.small: wrong value", "a whole number from 0 to 64"],
  ["codes.iterations=1e12", "codes.iterations: wrong value", "a whole number from 0 to 1000"],
])("sizes that would take all memory before anything is told are refused: %s", (set, what, expected) => {
  const planned = swavApp.plan({ data: "x", epochs: 2 }, { images: 5000, testImages: 500, side: 32, machineGflops: 100 }, [set]);
  expect(planned).toMatchObject({ left: { what, expected } });
});

test("more patches than positions are made for are refused", () => {
  const sets = ["image=4096", "backbone.patch=8"];
  const planned = swavApp.plan({ data: "x", epochs: 2 }, { images: 5000, testImages: 500, side: 32, machineGflops: 100 }, sets);
  expect(planned).toMatchObject({ left: { what: "vit: image is 4096, expected at most 256 patches of 8 a side" } });
});
