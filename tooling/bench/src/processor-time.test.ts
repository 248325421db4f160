import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { processorSeconds } from "./processor-time.ts";

test.runIf(process.platform === "linux")("counts what a process below a process computes, and not what it sleeps", async () => {
  const busy =
    "const end = process.cpuUsage().user + 4e5; while (process.cpuUsage().user < end); console.log('done'); setInterval(() => {}, 1e3);";
  const nested = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(busy)}], { stdio: "inherit" });`;
  const outer = spawn(process.execPath, ["-e", `${nested} process.stdin.once("close", () => process.exit()).resume()`], {
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
  });
  try {
    await once(outer.stdout, "data");
    const used = processorSeconds(outer.pid as number);
    expect(used).toBeGreaterThanOrEqual(0.39);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(processorSeconds(outer.pid as number) - used).toBeLessThan(0.2);
  } finally {
    process.kill(-(outer.pid as number), "SIGKILL");
  }
});
