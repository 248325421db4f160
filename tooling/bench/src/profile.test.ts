import { expect, test } from "vitest";
import { profileOf, profileStep, shareTable } from "./profile.ts";

const event = (path: string, op_name: string, dur: number) => ({ cat: "Node", name: `${path}#7_kernel_time`, dur, args: { op_name } });
const run = (times: number) => [
  { cat: "Session", name: "model_run", dur: 1e9 },
  { cat: "Node", name: "online/x#1_fence_before", dur: 1e9 },
  event("online/blocks/block03/mlp/fc1", "Gemm", 1000 * times),
  event("online/blocks/block04/mlp/fc1", "Gemm", 3000 * times),
  event("gradient/online/blocks/block04/mlp/fc1", "Gemm", 8000 * times),
  event("target/patch", "Conv", 500 * times),
  event("optimizer", "Mul", 2000 * times),
];

test("a profile is the mean of all runs but the first, by pass, by layer and by operation", () => {
  const { passes, layers, operations } = profileOf([...run(100), ...run(1), ...run(3)], 3);
  expect(passes).toEqual([
    { name: "backward", milliseconds: 16 },
    { name: "forward, online", milliseconds: 8 },
    { name: "optimizer", milliseconds: 4 },
    { name: "forward, target", milliseconds: 1 },
  ]);
  expect(layers.find(({ name }) => name === "online/blocks/block/mlp/fc")?.milliseconds).toBe(8);
  expect(operations).toEqual([
    { name: "Gemm", milliseconds: 24 },
    { name: "Mul", milliseconds: 4 },
    { name: "Conv", milliseconds: 1 },
  ]);
});

test("a table leaves out what takes less than a percent, not from the sum", () => {
  const table = shareTable("by pass", [
    { name: "backward", milliseconds: 99.5 },
    { name: "pixels", milliseconds: 0.5 },
  ]);
  expect(table.split("\n").map((line) => line.replace(/ +/g, " "))).toEqual(["by pass", "backward 99.5 ms 99.5 %", "all 100.0 ms 100.0 %"]);
});

test("a real step has forward passes of both networks, a backward pass, an optimizer and monitors", async () => {
  const config = { method: "moco-v3", dim: 16, depth: 2, heads: 2, patch: 4, size: 8, hidden: 16, out: 8, batch: 4 } as const;
  const { passes, layers, operations } = await profileStep(config, { threads: 1 });
  const names = passes.map(({ name }) => name);
  for (const name of ["forward, online", "forward, target", "backward", "optimizer", "monitors", "average"]) expect(names).toContain(name);
  expect(operations.map(({ name }) => name)).toContain("Gemm");
  const sums = [passes, layers, operations].map((list) => list.reduce((sum, { milliseconds }) => sum + milliseconds, 0));
  expect(sums[0]).toBeGreaterThan(0);
  for (const sum of sums) expect(sum).toBeCloseTo(sums[0] as number, 6);
});
