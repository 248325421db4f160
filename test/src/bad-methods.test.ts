import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { filesIn, type Said, twinview } from "./command.ts";
import { writePictures } from "./pictures.ts";

const scratch = mkdtempSync(join(tmpdir(), "twinview-bad-methods-"));
const pictures = join(scratch, "pictures");
const out = join(scratch, "out");

beforeAll(async () => {
  await writePictures(pictures, 20);
  mkdirSync(join(scratch, "empty"));
  mkdirSync(join(scratch, "damaged"));
  writeFileSync(join(scratch, "damaged", "summary.json"), '{ "method": "byol", ');
  // a folder that has a speed: the machine is not measured
  mkdirSync(out);
  writeFileSync(join(out, "env.json"), JSON.stringify({ machineGflops: 50, epochs: 1 }));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** One error and nothing else: exit code 2, this text, and no file of the folder touched. */
const refused = async (argv: readonly string[], lines: readonly (string | RegExp)[]): Promise<void> => {
  const before = filesIn(out);
  const { code, out: said, error }: Said = await twinview(...argv);
  const given = error.replaceAll(scratch, "SCRATCH").trimEnd().split("\n  ");
  expect(given).toEqual(lines.map((line) => (typeof line === "string" ? line : expect.stringMatching(line))));
  expect([code, said]).toEqual([2, ""]);
  expect(filesIn(out)).toEqual(before);
  expect(readdirSync(scratch).sort()).toEqual(["damaged", "empty", "out", "pictures"]);
};

describe("a method's settings that do not fit", () => {
  const train = (method: string, ...set: readonly string[]): readonly string[] => [
    ...["train", method, "--data", pictures, "--epochs", "1", "--batch", "4", "--out", out],
    ...set.flatMap((text) => ["--set", text]),
  ];

  it.each<[string, readonly string[], readonly (string | RegExp)[]]>([
    [
      "a queue that the batch does not divide",
      train("swav", "queue.length=10"),
      ["error: swav: queue.length is 10, expected a multiple of the batch, 4", "fix: choose another by --set queue.length=.."],
    ],
    [
      "one prototype",
      train("swav", "prototypes.count=1"),
      ["error: prototypes: count is 1, expected at least two prototypes", "fix: choose another by --set prototypes.count=.."],
    ],
    [
      "no prototype",
      train("swav", "prototypes.count=0"),
      ["error: prototypes.count: wrong value", "where: --set prototypes.count=0", "got: 0", "expected: a whole number above 0"],
    ],
    [
      "a crop larger than the image",
      train("swav", "crops.small=4", "crops.smallSize=40"),
      ["error: swav: crops.smallSize is 40, expected at most the image's side, 32", "fix: choose another by --set crops.smallSize=.."],
    ],
    [
      "a crop larger than the image, on a ResNet",
      [...train("swav", "crops.small=4", "crops.smallSize=33"), "--backbone", "resnet-18"],
      ["error: swav: crops.smallSize is 33, expected at most the image's side, 32", "fix: choose another by --set crops.smallSize=.."],
    ],
    [
      "a crop that is no whole number of patches",
      train("swav", "crops.small=4", "crops.smallSize=20"),
      ["error: swav: crops.smallSize is 20, expected a multiple of the patch, 8", "fix: choose another by --set crops.smallSize=.."],
    ],
    [
      "a single crop, which has none to predict",
      train("swav", "crops.large=1", "crops.small=0"),
      ["error: swav: crops.small is 0, expected at least 1, for two crops in all", "fix: choose another by --set crops.small=.."],
    ],
    ...["moco-v3", "simclr", "byol"].map((method): [string, readonly string[], readonly (string | RegExp)[]] => [
      `many crops for ${method}, which compares two views`,
      train(method, "crops.small=4"),
      [/^error: crops: unknown key \(one of method, data, seed, backbone, .*\)$/, "where: --set crops.small=4"],
    ]),
  ])("%s", async (_, argv, lines) => refused(argv, lines));
});

describe("twinview compare", () => {
  const compare = (...flags: readonly string[]): readonly string[] => ["compare", "--data", pictures, "--out", out, ...flags];

  it.each<[string, readonly string[], readonly (string | RegExp)[]]>([
    [
      "an unknown method",
      compare("--methods", "byol,moco-v2"),
      [
        'error: unknown name "moco-v2"',
        "where: --methods",
        "expected: names among moco-v3, simclr, byol, swav, supervised, separated by commas",
        'fix: did you mean "moco-v3"?',
      ],
    ],
    [
      "an unknown backbone",
      compare("--backbones", "vit-mimi"),
      [
        'error: unknown name "vit-mimi"',
        "where: --backbones",
        /^expected: names among vit-mini, .*resnet-18, .*, separated by commas$/,
        'fix: did you mean "vit-mini"?',
      ],
    ],
    [
      "no data and no folders",
      ["compare", "--out", out],
      [
        "error: nothing to compare",
        "where: twinview compare",
        "expected: --data DATA to train cells, or the folders of finished runs",
        "fix: twinview compare --data fashion-mnist --quick",
      ],
    ],
    [
      "no seeds",
      compare("--seeds", "0"),
      ["error: --seeds: wrong value", "where: twinview compare", 'got: "0"', "expected: a whole number of at least 1"],
    ],
    [
      "a folder without a summary",
      ["compare", join(scratch, "empty"), "--out", out],
      [
        "error: no finished run in this folder",
        "where: SCRATCH/empty",
        "expected: a folder with summary.json, as twinview train leaves at its end",
        "fix: check the path, or finish the run first: twinview resume SCRATCH/empty",
      ],
    ],
    [
      "a summary that is damaged",
      ["compare", join(scratch, "damaged"), "--out", out],
      ["error: not valid JSON: expected a key in double quotes, got the end of the file", "where: SCRATCH/damaged/summary.json:1:21"],
    ],
    [
      "a data set that is not there",
      ["compare", "--data", join(scratch, "nowhere"), "--out", out],
      ["error: no such file or folder", "where: SCRATCH/nowhere", /^fix: check the path \(data sets known by name: fashion-mnist, .*\)$/],
    ],
    [
      "settings that do not fit one of the cells, whose name is told",
      compare("--batch", "4", "--methods", "byol,swav", "--set", "image=30"),
      [
        "error: byol-vit-mini-seed0: vit: patch is 8, expected a divisor of the image's side, 30",
        "fix: change --backbone, or the sizes by --set image=.. or --set backbone.patch=..",
      ],
    ],
  ])("%s", async (_, argv, lines) => refused(argv, lines));

  it("in a new folder leaves none behind", async () => {
    const said = await twinview("compare", "--data", pictures, "--quick", "--set", "image=30", "--out", join(scratch, "new"));
    expect(said.code).toBe(2);
    expect(said.error).toMatch(/^error: moco-v3-vit-mini-seed0: vit: patch is 8/);
    expect(readdirSync(scratch).sort()).toEqual(["damaged", "empty", "out", "pictures"]);
  });
});
