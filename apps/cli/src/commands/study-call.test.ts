import { expect, test } from "vitest";
import { studyCall } from "./study-call.ts";

const plain = {
  list: false,
  data: "fashion-mnist",
  seeds: undefined,
  epochs: undefined,
  minutes: undefined,
  set: [],
  quick: false,
  out: "runs/studies",
  workers: undefined,
  threads: undefined,
  json: true,
} as const;

test("a study's command has what changes its result, quoted for a shell, and nothing else", () => {
  expect(studyCall("S4", plain)).toBe("twinview study S4");
  expect(studyCall("S4", { ...plain, data: "my photos", seeds: 2, epochs: 0.5, set: ["tau=0.1", "name=it's"], quick: true })).toBe(
    "twinview study S4 --data 'my photos' --seeds 2 --epochs 0.5 --set tau=0.1 --set 'name=it'\\''s' --quick",
  );
});
