import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { mutatedFile } from "./mutated-file.ts";
import { compared, ourVerdict } from "./verdicts.ts";

// by safetensors.js 50000 --write-golden
const golden = JSON.parse(readFileSync(new URL("../golden/verdicts.json", import.meta.url), "utf8")) as {
  readonly files: number;
  readonly accepted: string;
};

test("on fifty thousand mutated files our reader says what the reference said, but for the reasons that are listed", () => {
  const bits = Buffer.from(golden.accepted, "base64");
  expect(golden.files).toBe(50_000);
  const found = new Map<string, number>();
  let accepted = 0;
  for (let n = 0; n < golden.files; n++) {
    const theirs = (((bits[n >> 3] as number) >> (n & 7)) & 1) === 1;
    accepted += Number(theirs);
    const file = mutatedFile(n);
    const how = compared(ourVerdict(file), theirs);
    if (how.startsWith("WRONG")) expect.fail(`${n}: ${how}: ${JSON.stringify(file.toString("latin1"))}`);
    found.set(how, (found.get(how) ?? 0) + 1);
  }
  expect(accepted).toBeGreaterThan(10_000); // neither all refused nor all read
  expect(found.get("same")).toBeGreaterThan(49_800);
  expect([...found.keys()].length).toBeGreaterThan(3);
});
