import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
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
  it("--json: every study with what it trains, its rule, and what those that cannot be run wait for", async () => {
    const { code, out, error } = await twinview("study", "--list", "--json");
    expect([code, error]).toEqual([0, ""]);
    const all = JSON.parse(out) as readonly Readonly<Record<string, unknown>>[];
    expect(all.map(({ id }) => id)).toEqual(ids);
    const paper = { did: expect.any(String), found: expect.any(String), where: expect.any(String) };
    for (const study of all) {
      expect(study).toMatchObject({ title: expect.any(String), paper, ready: expect.any(Boolean) });
      if (study.ready === false) {
        expect(study).toMatchObject({ needs: expect.stringMatching(/supervised baseline/) });
        continue;
      }
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
    expect(all.filter(({ ready }) => ready === false).map(({ id }) => id)).toEqual(["S14", "S15"]);
  });

  it("as lines: number of runs, what the paper found, and why a study cannot be run", async () => {
    const { out } = await twinview("study", "--list");
    expect(out).toMatch(/^S7 {3}Position embedding +3 settings x 3 seeds\n {5}76\.5, 76\.1 and 74\.9: /m);
    expect(out).toMatch(/^S14 {2}Transfer +cannot be run yet: needs fine-tuning of an encoder, and a supervised baseline/m);
  });
});

describe("twinview study, with mistakes", () => {
  it("no study", async () => expectError(await twinview("study"), "no study was named", expected, "fix: twinview study --list shows them"));

  it("an unknown study, with the nearest known one", async () => {
    const { code, out, error } = await twinview("study", "S5", "S77");
    expect([code, out]).toEqual([2, ""]);
    expect(error).toBe(`error: unknown study "S77"\n  ${expected}\n  fix: did you mean "S7"?\n`);
  });

  it("a study that waits for a part of the library", async () => {
    const { code, error } = await twinview("study", "s14");
    expect(code).toBe(2);
    expect(error).toMatch(/^error: study S14 \(Transfer\) cannot be run yet\n/);
    expect(error).toMatch(/\n {2}fix: it needs fine-tuning of an encoder, and a supervised baseline of the same encoder\n$/);
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
