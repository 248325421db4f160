import { exp, hostArray, type Tensor } from "@twinview/core";
import { afterAll, describe, expect, test } from "vitest";
import { startChild } from "./child-process.ts";
import type { Engine, Program, Session } from "./engine.ts";
import { onnxEngine } from "./onnx-engine.ts";
import { referenceEngine } from "./reference-engine.ts";

const request = {
  kind: "open",
  runtime: { device: "cpu", threads: 1, spinning: false, memoryPattern: true },
  sizes: [2],
  written: [true],
} as const;

describe("the computing process", () => {
  test.each([
    {
      signal: "SIGKILL" as const,
      fix: "the system probably ran out of memory: try a smaller --batch, then resume",
    },
    { signal: "SIGABRT" as const, fix: "run the command again to resume from the last checkpoint" },
  ])("ends by $signal: every answer is an error that says so and what to do", async ({ signal, fix }) => {
    const line = startChild();
    await line.ask(request);
    const waiting = line.ask({ kind: "read", buffer: 0 });
    await waiting;
    process.kill(line.pid as number, signal);
    const error: unknown = await line.ask({ kind: "read", buffer: 0 }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    const what = `the computing process ended unexpectedly (${signal})`;
    expect((error as Error).message).toBe(what);
    expect((error as Error).cause).toMatchObject({ kind: "engine", what, fix });
    // and afterwards: no answer hangs, and closing is still fine
    expect(await line.ask(request).catch((reason: unknown) => reason)).toBe(error);
    await line.close();
  });

  test("answers in order, however many questions wait", async () => {
    const line = startChild();
    await line.ask(request);
    const writes = [1, 2, 3].map((x) => line.ask({ kind: "write", buffer: 0, data: Float32Array.of(x, x) }));
    const read = line.ask({ kind: "read", buffer: 0 });
    expect(await Promise.all([...writes, read])).toEqual([
      { kind: "done" },
      { kind: "done" },
      { kind: "done" },
      { kind: "data", data: Float32Array.of(3, 3) },
    ]);
    await line.close();
  });

  test("says what went wrong, and goes on", async () => {
    const line = startChild();
    await line.ask(request);
    await expect(line.ask({ kind: "run", program: "nothing", inputs: {} })).rejects.toThrow("engine: no program named nothing");
    const broken = { name: "broken", model: Uint8Array.of(1, 2, 3), rewritten: true, feeds: [], targets: [] };
    await expect(line.ask({ kind: "compile", program: broken })).rejects.toThrow(/^engine: .+/);
    expect(await line.ask({ kind: "read", buffer: 0 })).toEqual({ kind: "data", data: Float32Array.of(0, 0) });
    await line.close();
  });
});

const program: Program = {
  inputs: { x: { shape: [2], dtype: "float32" } },
  run: ({ inputs }) => ({ outputs: { y: exp(inputs.x as Tensor) } }),
};
const sessions: Session<"p">[] = [];
afterAll(() => Promise.all(sessions.map((session) => session.close())));
const opened = async (engine: Engine): Promise<Session<"p">> => {
  const session = await engine.open({ state: null, programs: { p: program }, threads: 1 });
  sessions.push(session);
  return session;
};

test.each([referenceEngine(), onnxEngine({ spinning: false })])("$name refuses wrong inputs and names, and goes on", async (engine) => {
  const session = await opened(engine);
  await expect(session.run("p", {})).rejects.toThrow("run: p lacks x; given: none");
  await expect(session.run("p", { x: hostArray([1, 2, 3], [3]) })).rejects.toThrow("run: p: x has shape [3], expected [2]");
  await expect(session.run("q" as "p", { x: hostArray([0, 0], [2]) })).rejects.toThrow("run: there is no program q; programs: p");
  expect((await session.run("p", { x: hostArray([0, 0], [2]) })).outputs.y?.data).toEqual(Float32Array.of(1, 1));
});
