import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockRun } from "@twinview/checkpoint";
import { unwrap } from "@twinview/config";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runNode } from "./child.ts";
import { commandFile, filesIn, type Said, twinview } from "./command.ts";
import { writePictures } from "./pictures.ts";

const scratch = mkdtempSync(join(tmpdir(), "twinview-bad-input-"));
const at = (...names: readonly string[]): string => join(scratch, ...names);
const pictures = at("pictures");

/** One error and nothing else: exit code 2 and this text, with `SCRATCH` for the test's own folder. */
const expectError = ({ code, error }: Said, ...lines: readonly string[]): void => {
  expect(error.replaceAll(scratch, "SCRATCH")).toBe(`error: ${lines.join("\n  ")}\n`);
  expect(code).toBe(2);
};

/** A training command for a few seconds. The machine's speed is written down beforehand, so that it is not measured again. */
const small = (...flags: readonly string[]): readonly string[] => [
  ..."train moco-v3 --epochs 1 --batch 4 --threads 1 --set heads.hidden=16 --set heads.out=8 --set checkpoint.everySteps=1".split(" "),
  ...["--data", pictures],
  ...flags,
];
const newRun = (name: string): string => {
  mkdirSync(at(name));
  writeFileSync(at(name, "env.json"), JSON.stringify({ machineGflops: 50 }));
  return at(name);
};

beforeAll(async () => {
  await writePictures(pictures, 20);
  await writePictures(at("one"), 1);
  mkdirSync(at("empty"));
  mkdirSync(at("unreadable"));
  for (const name of ["a.png", "b.jpg"]) writeFileSync(at("unreadable", name), "no picture");
  writeFileSync(at("file.txt"), "a file");
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("words of the command line", () => {
  it("without any command shows what there is", async () => {
    const { code, out } = await twinview();
    expect(code).toBe(2);
    expect(out).toContain("twinview <command> --help");
  });

  it("in a process of its own: the error on standard error, exit code 2", async () => {
    const ended = await runNode([commandFile, "trian"]);
    expect(ended.out).toBe("");
    expect(ended.error).toContain('error: unknown command "trian"\n');
    expect(ended.error).toContain('fix: did you mean "train"?\n');
    expect(ended.code).toBe(2);
  });

  it.each<[string, readonly string[], readonly string[]]>([
    [
      "an unknown flag",
      ["train", "moco-v3", "--data", pictures, "--epoch", "3"],
      ["--epoch: unknown flag", "where: twinview train", 'fix: did you mean "--epochs"?'],
    ],
    [
      "an unknown preset",
      ["train", "moco-v3", "--data", pictures, "--preset", "papr"],
      ["--preset: wrong value", "where: twinview train", 'got: "papr"', "expected: one of mini, paper", 'fix: did you mean "paper"?'],
    ],
    [
      "no epochs",
      ["train", "moco-v3", "--data", pictures, "--epochs", "0"],
      ["--epochs: wrong value", "where: twinview train", 'got: "0"', "expected: a number above 0"],
    ],
    [
      "a batch of one",
      ["train", "moco-v3", "--data", pictures, "--batch", "1"],
      ["--batch: wrong value", "where: twinview train", 'got: "1"', "expected: a whole number of at least 2"],
    ],
    [
      "a flag without its value",
      ["train", "moco-v3", "--data"],
      ["--data: a value is missing", "where: twinview train", "expected: --data DATA"],
    ],
    [
      "a run that is not there",
      ["resume", at("empty")],
      [
        "there is no run in this folder",
        "where: SCRATCH/empty",
        "expected: a folder with config.json, as twinview train makes",
        "fix: check the path; runs are in runs/ unless --out said otherwise",
      ],
    ],
  ])("%s", async (_, argv, lines) => expectError(await twinview(...argv), ...lines));

  it("an unknown method, with the nearest known one", async () => {
    const { code, error } = await twinview("train", "moco-v2", "--data", pictures);
    expect(code).toBe(2);
    expect(error).toMatch(/^error: method: unknown value\n {2}where: twinview train\n {2}got: "moco-v2"\n {2}expected: one of .*moco-v3/);
    expect(error).toMatch(/ {2}fix: did you mean "moco-v3"\?\n$/);
  });

  it("an unknown backbone, with the nearest known one", async () => {
    const { code, error } = await twinview("train", "moco-v3", "--data", pictures, "--backbone", "vit-mimi");
    expect(code).toBe(2);
    expect(error).toMatch(/^error: --backbone: wrong value\n {2}where: twinview train\n {2}got: "vit-mimi"\n {2}expected: one of vit-mini/);
    expect(error).toMatch(/ {2}fix: did you mean "vit-mini"\?\n$/);
  });
});

describe("an engine that is not installed", () => {
  const fix =
    "fix: npm install @tensorflow/tfjs-node@4.22.0, or @tensorflow/tfjs-node-gpu@4.22.0 for a GPU; where their download of libtensorflow " +
    "cannot be reached: node tooling/scripts/install-tensorflow.mjs FOLDER, then set TWINVIEW_TENSORFLOW=FOLDER (docs/engines.md)";
  const what = "the tensorflow engine needs a package that is not installed";
  const before = process.env.TWINVIEW_TENSORFLOW;
  beforeAll(() => {
    process.env.TWINVIEW_TENSORFLOW = at("empty");
  });
  afterAll(() => {
    if (before === undefined) delete process.env.TWINVIEW_TENSORFLOW;
    else process.env.TWINVIEW_TENSORFLOW = before;
  });

  it("is refused before anything is written", async () => {
    const expected = "expected: @tensorflow/tfjs-node-gpu or @tensorflow/tfjs-node";
    const said = await twinview(...small("--engine", "tensorflow", "--out", at("never")));
    expectError(said, what, "where: TWINVIEW_TENSORFLOW=SCRATCH/empty", expected, fix);
    expect(readdirSync(scratch)).not.toContain("never");
  });

  it("is told by doctor, with the way to install it", async () => {
    const { code, out } = await twinview("doctor", "--engine", "tensorflow");
    expect(code).toBe(2);
    expect(out.replaceAll(scratch, "SCRATCH")).toContain(
      `failed  engine tensorflow       ${what}: TWINVIEW_TENSORFLOW=SCRATCH/empty\n${" ".repeat(32)}${fix.slice("fix: ".length)}\n`,
    );
  });
});

describe("a device", () => {
  it("of another engine than onnx", async () =>
    expectError(
      await twinview(...small("--engine", "reference", "--device", "cuda", "--out", at("never"))),
      "--device chooses among the devices of the onnx engine",
      "got: --engine reference --device cuda",
      "fix: leave --device out; tensorflow takes a GPU by itself where @tensorflow/tfjs-node-gpu finds one",
    ));

  it("that twinview does not know", async () =>
    expectError(
      await twinview(...small("--device", "cudaa")),
      "--device: wrong value",
      "where: twinview train",
      'got: "cudaa"',
      "expected: one of cpu, cuda, webgpu",
      'fix: did you mean "cuda"?',
    ));

  it("that onnxruntime cannot open is refused before anything is written, and told by doctor", async ({ skip }) => {
    const { code, out } = await twinview("doctor", "--device", "cuda", "--json");
    const { checks } = JSON.parse(out) as {
      readonly checks: readonly { readonly name: string; readonly status: string; readonly found: string }[];
    };
    const [all, cuda] = ["devices", "device cuda"].map((name) => checks.find((check) => check.name === name));
    expect(all).toMatchObject({ status: "ok", found: expect.stringMatching(/^in the package cpu\b/) });
    if (cuda?.status === "ok") skip("cuda is here");
    expect(code).toBe(2);
    expect(cuda).toMatchObject({ status: "failed", found: expect.stringMatching(/^onnxruntime cannot compute on cuda here: ./) });
    const said = await twinview(...small("--device", "cuda", "--out", at("never")));
    expect(said.code).toBe(2);
    expect(said.error).toMatch(
      /^error: onnxruntime cannot compute on cuda here\n {2}got: .+\n {2}expected: one that this onnxruntime has: cpu/,
    );
    expect(said.error).toContain("  fix: leave --device out to compute on the processor; cuda needs Linux on x64");
    expect(readdirSync(scratch)).not.toContain("never");
  });
});

describe("data", () => {
  const trainOn = (data: string): Promise<Said> => twinview("train", "moco-v3", "--data", data, "--out", at("never"));

  it("a missing folder", async () => {
    const fix = "fix: check the path (data sets known by name: fashion-mnist, emoji-apple, emoji-google)";
    expectError(await trainOn(at("nowhere")), "no such file or folder", "where: SCRATCH/nowhere", fix);
  });
  it("a misspelt data set", async () =>
    expectError(
      await trainOn("fashion-mnst"),
      "neither a folder nor the name of a data set",
      "where: fashion-mnst",
      "expected: a folder, or one of fashion-mnist, emoji-apple, emoji-google",
      'fix: did you mean "fashion-mnist"?',
    ));
  it("a file where a folder should be", async () =>
    expectError(
      await trainOn(at("file.txt")),
      "a file, not a folder",
      "where: SCRATCH/file.txt",
      "fix: give the folder that holds the images or data files",
    ));
  it("an empty folder", async () =>
    expectError(
      await trainOn(at("empty")),
      "no image in the folder",
      "where: SCRATCH/empty",
      "expected: files ending in .jpg .jpeg .jpe .png .webp .avif .gif",
      "fix: give the folder that holds the images; they may lie in folders of their own",
    ));
  it("one image", async () =>
    expectError(
      await trainOn(at("one")),
      "a single image: there is nothing to compare it with",
      "where: SCRATCH/one",
      "got: coarse/0.png",
      "expected: at least two",
      "fix: give a folder with more images",
    ));
  it("images none of which can be read", async () =>
    expectError(
      await trainOn(at("unreadable")),
      "none of the 2 images can be decoded",
      "where: SCRATCH/unreadable",
      "got: a.png: not a JPEG, PNG, WebP, AVIF or GIF file",
      "expected: JPEG, PNG, WebP, AVIF or GIF images, whatever their endings",
      "fix: check that the files open in a viewer, and that the copy or download was complete",
    ));
  it("leaves nothing behind", () => expect(readdirSync(scratch)).not.toContain("never"));
});

describe("a configuration that does not fit", () => {
  it.each<[string, readonly string[], readonly string[]]>([
    [
      "an image smaller than a patch",
      ["--set", "image=4"],
      [
        "vit: patch is 8, expected a divisor of the image's side, 4",
        "fix: change --backbone, or the sizes by --set image=.. or --set backbone.patch=..",
      ],
    ],
    [
      "an image that patches do not divide",
      ["--set", "image=30"],
      [
        "vit: patch is 8, expected a divisor of the image's side, 30",
        "fix: change --backbone, or the sizes by --set image=.. or --set backbone.patch=..",
      ],
    ],
    [
      "a misspelt key",
      ["--set", "optimizer.baseRat=1"],
      [
        'optimizer.baseRat: unknown key; did you mean "baseRate"? (one of kind, baseRate, weightDecay, warmupEpochs, clip)',
        "where: --set optimizer.baseRat=1",
      ],
    ],
    [
      "a value of the wrong kind",
      ["--set", "optimizer.baseRate=fast"],
      ["optimizer.baseRate: wrong value", "where: --set optimizer.baseRate=fast", 'got: "fast"', "expected: a number of at least 0"],
    ],
  ])("%s", async (_, flags, lines) => {
    const run = newRun(`run-${flags.join("").replace(/\W+/g, "-")}`);
    const before = filesIn(run);
    expectError(await twinview(...small("--out", run, ...flags)), ...lines);
    expect(filesIn(run)).toEqual(before);
  });

  it("a batch larger than the data", async () => {
    const run = newRun("large-batch");
    expectError(
      await twinview("train", "moco-v3", "--data", pictures, "--epochs", "1", "--batch", "64", "--out", run),
      "the batch is larger than the data",
      "where: --batch",
      "got: 64 images a step",
      "expected: at most 18, the number of images",
      "fix: --batch 4",
    );
    expect(readdirSync(run)).toEqual(["env.json"]);
  });

  it("a run folder that cannot be made", async () => {
    const lines = ["got: ENOTDIR: not a directory, mkdir 'SCRATCH/file.txt/run'", "fix: choose another folder with --out"];
    expectError(
      await twinview(...small("--out", at("file.txt", "run"))),
      "cannot make the run's folder",
      "where: SCRATCH/file.txt/run",
      ...lines,
    );
    expect(readFileSync(at("file.txt"), "utf8")).toBe("a file");
  });
});

describe("a folder that holds a run", () => {
  const run = at("run");
  const names = (): readonly string[] => readdirSync(join(run, "checkpoints")).sort();
  const damage = (step: string): string => {
    const path = join(run, "checkpoints", step, "online.safetensors");
    const bytes = readFileSync(path);
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    writeFileSync(path, bytes);
    return path;
  };

  beforeAll(async () => {
    newRun("run");
    const { code, error } = await twinview(...small("--out", run));
    expect([code, error]).toEqual([0, ""]);
    expect(names()).toEqual(["step-000003", "step-000004"]);
  });

  /** Runs a command that must be refused and must leave every file as it was. */
  const refused = async (...argv: readonly string[]): Promise<Said> => {
    const before = filesIn(run);
    const said = await twinview(...argv);
    expect(filesIn(run)).toEqual(before);
    return said;
  };

  it("with another configuration", async () =>
    expectError(
      await refused(...small("--out", run, "--seed", "7")),
      "this folder holds a run with another configuration",
      "where: SCRATCH/run",
      "got: seed: 0 -> 7",
      "fix: use the same options to go on, twinview resume SCRATCH/run to go on whatever they were, or another folder with --out to start anew",
    ));

  it("that another run is using", async () => {
    const lock = await unwrap(lockRun(run));
    try {
      const lines = ["where: SCRATCH/run/run.lock", "fix: wait for it, stop it, or choose another folder"];
      expectError(await refused("resume", run), `another run (process ${process.pid}) is using this folder`, ...lines);
    } finally {
      await lock.release();
    }
  });

  it.each(["compare", "study"])("in the folder of a %s that is going on", async (command) => {
    const out = at(`locked-${command}`);
    mkdirSync(out);
    writeFileSync(join(out, "env.json"), JSON.stringify({ machineGflops: 50, epochs: 1 }));
    const lock = await unwrap(lockRun(out));
    const before = filesIn(out);
    try {
      const args = command === "study" ? ["study", "S9", "--quick"] : ["compare", "--quick"];
      const lines = [`where: SCRATCH/locked-${command}/run.lock`, "fix: wait for it, stop it, or choose another folder"];
      const said = await twinview(...args, "--data", pictures, "--threads", "1", "--out", out);
      expectError(said, `another run (process ${process.pid}) is using this folder`, ...lines);
      expect(filesIn(out)).toEqual(before);
    } finally {
      await lock.release();
    }
  });

  it("with a misspelt key in config.json", async () => {
    const path = join(run, "config.json");
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace('"baseRate"', '"baseRat"'));
    try {
      const { code, error } = await refused("resume", run);
      expect(error.replaceAll(scratch, "SCRATCH")).toBe(
        [
          "error: 2 problems",
          '  optimizer.baseRat: unknown key, expected one of kind, baseRate, weightDecay, warmupEpochs, clip; did you mean "baseRate"?',
          "  optimizer.baseRate: missing, expected a number of at least 0",
          "  where: SCRATCH/run/config.json",
          "",
        ].join("\n"),
      );
      expect(code).toBe(2);
    } finally {
      writeFileSync(path, text);
    }
  });

  it("whose config.json was cut", async () => {
    const path = join(run, "config.json");
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.slice(0, 40));
    try {
      const { code, error } = await refused("resume", run);
      expect(error).toMatch(/^error: .*not .*JSON/);
      expect(error).toContain(path);
      expect(code).toBe(2);
    } finally {
      writeFileSync(path, text);
    }
  });

  it("with a damaged checkpoint: the one before it is taken, with a warning", async () => {
    const path = damage("step-000004");
    const { code, out } = await twinview("resume", run, "--threads", "1");
    expect(code).toBe(0);
    expect(out).toContain(`warning: passing over step-000004: ${path}: the file is damaged: its SHA-256 differs from the manifest\n`);
    expect(out).toContain("resuming at step 3 of 4\n");
    expect(names()).toEqual(["step-000003", "step-000004"]);
  });

  it("with no whole checkpoint left: nothing is started over", async () => {
    const paths = ["step-000004", "step-000003"].map(damage);
    const lines = paths.map(
      (path, i) =>
        `passing over step-00000${4 - i}: ${path.replace(scratch, "SCRATCH")}: the file is damaged: its SHA-256 differs from the manifest`,
    );
    expectError(
      await refused("resume", run),
      "no checkpoint of this run is whole",
      ...lines,
      "where: SCRATCH/run",
      "fix: move the checkpoints folder away to start over",
    );
  });
});
