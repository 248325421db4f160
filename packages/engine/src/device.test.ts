import { userErrorOf } from "@twinview/config";
import { hostArray, mul, type Tensor } from "@twinview/core";
import { expect, test } from "vitest";
import { devices, onnxProviders, openDevice } from "./device.ts";
import type { Program } from "./engine.ts";
import { onnxEngine } from "./onnx-engine.ts";
import type { Reply, Request } from "./protocol.ts";

test("the processor is among the providers, in the package", async () => {
  expect(await onnxProviders()).toContainEqual({ name: "cpu", bundled: true });
});

test("an engine is named after its device, the processor's after none", () => {
  expect(devices.map((device) => onnxEngine({ device }).name)).toEqual(["onnx", "onnx/cuda", "onnx/webgpu"]);
});

const half: Program = {
  inputs: { x: { shape: [2], dtype: "float32" } },
  run: ({ inputs }) => ({ outputs: { y: mul(inputs.x as Tensor, 0.5) } }),
};

test.each(["cuda", "webgpu"] as const)("%s computes, or is refused in one error that says what is needed", async (device) => {
  const opening = onnxEngine({ device }).open({ state: null, programs: { half } });
  const session = await opening.catch((error: unknown) => error as Error);
  if (session instanceof Error) {
    const error = userErrorOf(session);
    expect(error).toMatchObject({ kind: "engine", what: `onnxruntime cannot compute on ${device} here` });
    expect(error?.got).toMatch(/^\S/);
    expect(error?.fix).toContain(`leave --device out to compute on the processor; ${device} needs `);
    return;
  }
  const { outputs } = await session.run("half", { x: hostArray([3, 5], [2]) });
  expect(outputs.y).toEqual(hostArray([1.5, 2.5], [2]));
  await session.close();
});

/** A line to a process that answers as it is told. */
const answering = (answer: (request: Request) => Reply) => ({
  pid: undefined,
  ask: async (request: Request) => {
    const reply = answer(request);
    if (reply.kind === "failed") throw new Error(`engine: ${reply.message}`);
    return reply;
  },
  close: async () => {},
});

test("the error has the reason without its place in onnxruntime's source, and the devices that twinview knows", async () => {
  const providers = [
    { name: "cpu", bundled: true },
    { name: "cuda", bundled: false },
    { name: "tensorrt", bundled: false },
  ];
  const line = answering(({ kind }) =>
    kind === "providers"
      ? { kind: "providers", providers }
      : { kind: "failed", message: "/onnxruntime_src/a.cc:1 f()::<lambda()> ok was false. No supported adapters\n" },
  );
  const thrown = await openDevice(line, "webgpu").catch((error: unknown) => error);
  expect(userErrorOf(thrown)).toMatchObject({
    got: "No supported adapters",
    expected: "one that this onnxruntime has: cpu, cuda where its library is installed",
  });
});

test("a process that died at it is told as its reason", async () => {
  const line = answering(() => ({ kind: "failed", message: "the computing process ended unexpectedly (SIGSEGV)" }));
  const error = userErrorOf(await openDevice(line, "cuda").catch((thrown: unknown) => thrown));
  expect(error).toMatchObject({ got: "the computing process ended unexpectedly (SIGSEGV)" });
  expect(error).not.toHaveProperty("expected");
});
