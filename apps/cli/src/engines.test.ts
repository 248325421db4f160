import { devices } from "@twinview/engine";
import { expect, test } from "vitest";
import { engineNamed, engineOf } from "./engines.ts";

test("a record's name for the onnx engine brings its device back", () => {
  const names = devices.map((device) => (device === "cpu" ? "onnx" : `onnx/${device}`));
  expect(names.map((name) => engineNamed(name)?.name)).toEqual(names);
  expect(engineNamed("reference")?.name).toBe("reference");
});

test.each(["", "cuda", "onnx/cpu", "onnx/", "toString", "__proto__"])("no engine is named %o", (name) => {
  expect(engineNamed(name)).toBeUndefined();
});

test("the processor, asked for or not, is the default engine", async () => {
  expect((await engineOf({ engine: "onnx", device: undefined })).name).toBe("onnx");
  expect((await engineOf({ engine: "onnx", device: "cpu" })).name).toBe("onnx");
});
