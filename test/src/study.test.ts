import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toPngDataUri } from "@twinview/data";
import { afterAll, describe, expect, it } from "vitest";
import { type Said, twinview } from "./command.ts";

const scratch = mkdtempSync(join(tmpdir(), "twinview-study-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const ids = Array.from({ length: 16 }, (_, i) => `S${i + 1}`);
const expected = `expected: all, or ids among ${ids.join(", ")}`;

/** One error and nothing else: exit code 2 and this text. */
const expectError = ({ code, error, out }: Said, ...lines: readonly string[]): void => {
  expect([code, out]).toEqual([2, ""]);
  expect(error.replaceAll(scratch, "SCRATCH")).toBe(`error: ${lines.join("\n  ")}\n`);
};

describe("twinview study --list", () => {
  it("--json: every study with what it trains and its rule", async () => {
    const { code, out, error } = await twinview("study", "--list", "--json");
    expect([code, error]).toEqual([0, ""]);
    const all = JSON.parse(out) as readonly Readonly<Record<string, unknown>>[];
    expect(all.map(({ id }) => id)).toEqual(ids);
    const paper = { did: expect.any(String), found: expect.any(String), where: expect.any(String) };
    for (const study of all) {
      expect(study).toMatchObject({ title: expect.any(String), paper });
      expect(study).toMatchObject({ seeds: expect.any(Number), images: 120_000, statistic: expect.any(String) });
      const { settings, rule } = study as { readonly settings: readonly unknown[]; readonly rule: readonly string[] };
      expect(settings.length).toBeGreaterThan(1);
      for (const setting of settings)
        expect(setting).toMatchObject({
          name: expect.any(String),
          method: expect.any(String),
          backbone: expect.any(String),
          set: expect.any(Array),
        });
      for (const words of rule) expect(words).toMatch(/yes: |two standard errors included/);
    }
    expect(all.filter(({ transfer }) => transfer !== null).map(({ id, transfer }) => [id, transfer])).toEqual([
      ["S14", "emoji-apple"],
      ["S15", "emoji-apple"],
    ]);
  });

  it("as lines: number of runs, what the paper found, and where encoders are fine-tuned", async () => {
    const { out } = await twinview("study", "--list");
    expect(out).toMatch(/^S7 {3}Position embedding +3 settings x 3 seeds\n {5}76\.5, 76\.1 and 74\.9: /m);
    expect(out).toMatch(/^S14 {2}Transfer +3 settings x 3 seeds, fine-tuned on emoji-apple$/m);
  });
});

describe("twinview study, with mistakes", () => {
  it("no study", async () => expectError(await twinview("study"), "no study was named", expected, "fix: twinview study --list shows them"));

  it("an unknown study, with the nearest known one", async () => {
    const { code, out, error } = await twinview("study", "S5", "S77");
    expect([code, out]).toEqual([2, ""]);
    expect(error).toBe(`error: unknown study "S77"\n  ${expected}\n  fix: did you mean "S7"?\n`);
  });

  it("a study whose other data set is not installed: before anything is trained", async () => {
    const out = join(scratch, "missing");
    const { code, error } = await twinview("study", "s14", "--out", out);
    expect(code).toBe(2);
    expect(error).toMatch(/npm install emoji-datasource-apple/);
    expect(existsSync(join(out, "cells"))).toBe(false);
    rmSync(out, { recursive: true });
  });

  it("data without labels: there would be nothing to measure", async () => {
    const uri = await toPngDataUri({ width: 8, height: 8, data: new Uint8Array(192) });
    for (const name of ["a", "b"]) writeFileSync(join(scratch, `${name}.png`), Buffer.from(uri.slice(uri.indexOf(",") + 1), "base64"));
    const said = await twinview("study", "S10", "--data", scratch, "--out", join(scratch, "never"));
    expectError(
      said,
      "a study needs labels: kNN accuracy is what it measures",
      "where: --data SCRATCH",
      "expected: a data set, or a folder with a folder of images for each class",
    );
    expect(readdirSync(scratch).sort()).toEqual(["a.png", "b.png"]);
  });
});
