import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encoderWeights, openRun } from "@twinview/assess";
import { unwrap } from "@twinview/config";
import { evaluate, type HostArray, type HostTree, hostArray, type Tensor, type Tree, toTensors } from "@twinview/core";
import { detect, readImages } from "@twinview/data";
import { features } from "@twinview/methods";
import { mocoV3App } from "@twinview/moco-v3";
import { simclrApp } from "@twinview/simclr";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { filesIn, twinview } from "./command.ts";
import { changed, makeRun } from "./made-run.ts";
import { writePictures } from "./pictures.ts";

const scratch = mkdtempSync(join(tmpdir(), "twinview-eval-"));
const at = (...names: readonly string[]): string => join(scratch, ...names);
const pictures = at("pictures");
const run = at("run");
const small = ["heads.hidden=16", "heads.out=8"];
const wishes = { data: pictures };

/** A file in the binary format of CIFAR-10: a label byte and three planes each. */
const cifar = (labels: readonly number[]): Buffer =>
  Buffer.concat(labels.map((label, i) => Buffer.concat([Buffer.from([label]), Buffer.alloc(3072, 40 * label + i)])));

beforeAll(async () => {
  await writePictures(pictures, 80);
  await makeRun(run, mocoV3App, {
    wishes,
    set: small,
    change: ({ target, ...rest }) => ({ ...rest, target: changed(target ?? new Map(), (x, i) => x + 0.05 * Math.sin(i)) }),
  });
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Found {
  readonly encoder: string;
  readonly images: { readonly train: number; readonly test: number };
  readonly backbone: { readonly before: string; readonly after: string; readonly unchanged: boolean; readonly step: number };
  readonly knn: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly linear: { readonly last: number; readonly best: number; readonly lr: number; readonly wd: number; readonly settings: unknown[] };
  readonly quality: Readonly<Record<string, number>>;
}

const evaluated = async (...argv: readonly string[]): Promise<Found> => {
  const { code, out, error } = await twinview("eval", ...argv, "--json", "--threads", "1");
  expect([code, error]).toEqual([0, ""]);
  return JSON.parse(out) as Found;
};

/** Features operation by operation on the plain JavaScript backend, without any of the evaluation's own code. */
const slowFeatures = async (which: "online" | "target", split: "train" | "test"): Promise<HostArray> => {
  const opened = await openRun({ "moco-v3": mocoV3App }, run);
  const { encoder, params, state } = encoderWeights(opened, which);
  const data = await unwrap(detect(pictures));
  const source = data[split];
  if (source === undefined) throw new Error("no test images");
  const { image } = opened.run.experiment;
  const { bytes } = await readImages(
    source,
    Array.from({ length: source.length }, (_, i) => i),
    { size: image },
  );
  const images = hostArray(Float32Array.from(bytes), [source.length, image, image, 3]);
  const host = { params, state, images } as HostTree;
  return evaluate(() => {
    const tensors = toTensors(host) as unknown as { params: Tree<Tensor>; state: Tree<Tensor>; images: Tensor };
    return features(encoder, tensors, tensors.images);
  }) as HostArray;
};

const slowNearest = async (which: "online" | "target"): Promise<number> => {
  const [bank, queries] = [await slowFeatures(which, "train"), await slowFeatures(which, "test")];
  const data = await unwrap(detect(pictures));
  const width = bank.shape[1] as number;
  const rowOf = ({ data: numbers }: HostArray, row: number): readonly number[] => {
    const values = Array.from(numbers.subarray(row * width, (row + 1) * width));
    const length = Math.hypot(...values);
    return values.map((x) => x / length);
  };
  const right = Array.from({ length: queries.shape[0] as number }, (_, q) => {
    const query = rowOf(queries, q);
    const similarities = Array.from({ length: bank.shape[0] as number }, (__, b) => {
      const row = rowOf(bank, b);
      return query.reduce((sum, x, i) => sum + x * (row[i] as number), 0);
    });
    const best = similarities.indexOf(Math.max(...similarities));
    return data.train.labels?.[best] === data.test?.labels?.[q];
  });
  return right.filter(Boolean).length / right.length;
};

describe("twinview eval", () => {
  it("measures kNN of both encoders, a probe of 24 settings and quality, and shows that the backbone stayed", async () => {
    const found = await evaluated(run);
    expect(found.images).toEqual({ train: 72, test: 8 });
    expect(Object.keys(found.knn)).toEqual(["online", "target"]);
    expect(Object.keys(found.knn.online ?? {})).toEqual(["1", "5", "20", "72"]); // a k of 200 counts the whole bank
    expect(found.knn.online?.["1"]).toBeCloseTo(await slowNearest("online"), 10);
    expect(found.knn.target?.["1"]).toBeCloseTo(await slowNearest("target"), 10);
    expect(found.linear.settings).toHaveLength(24);
    expect(found.linear.last).toBeGreaterThan(0.5); // the two classes differ in brightness
    expect(Object.keys(found.quality)).toEqual(["embeddingStd", "rankMe", "alignment", "uniformity"]);
    expect(found.backbone).toMatchObject({ step: 7, unchanged: true });
    expect(found.backbone.before).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.parse(readFileSync(join(run, "eval.json"), "utf8"))).toEqual(found);
  }, 180_000);

  it("measures only what is asked for, of the encoder that is asked for, on some of the images", async () => {
    const target = await evaluated(run, "--knn", "--encoder", "target", "--k", "3", "--train-images", "30", "--test-images", "4");
    expect(target).toMatchObject({ encoder: "target", images: { train: 30, test: 4 } });
    expect([Object.keys(target.knn), Object.keys(target.knn.target ?? {}), target.linear]).toEqual([["target"], ["3"], undefined]);
    const online = await evaluated(run, "--linear", "--rates", "0.1,1", "--decays", "0", "--probe-epochs", "3", "--draws", "2");
    expect([online.knn, online.linear.settings]).toEqual([undefined, expect.objectContaining({ length: 2 })]);
    expect(online.backbone.before).not.toBe(target.backbone.before);
  });

  it("of the untrained encoder gives what the run started from", async () => {
    const untrained = await evaluated(run, "--knn", "--encoder", "untrained");
    const online = await evaluated(run, "--knn", "--encoder", "online");
    expect(untrained.backbone.before).toBe(online.backbone.before); // this run was never trained
    expect(untrained.knn.untrained).toEqual(online.knn.online);
  });

  it("writes a page with neighbours, confusion, a map and attention that loads nothing", async () => {
    const { code, out } = await twinview("eval", run, "--knn", "--page", "--threads", "1");
    expect(code).toBe(0);
    expect(out).toContain(`written to ${join(run, "eval.json")} and eval.html\n`);
    const page = readFileSync(join(run, "eval.html"), "utf8");
    const titles = [...page.matchAll(/<h2>([^<]*)/g)].map(([, title]) => title);
    expect(titles).toEqual(["Numbers", "Nearest neighbours", "Confusion", "Attention of the class token"]); // 8 points are no map
    expect(page.match(/<img /g)).toHaveLength(8 * 9 + 6 * (1 + 3)); // 8 queries of 8 neighbours, 6 images of 3 heads
    expect(page.match(/<rect /g)).toHaveLength(4);
    expect(page.includes("<td>kNN of the online encoder, k 1</td>")).toBe(true);
    const texts = page.slice(page.indexOf("<main>"), page.indexOf("</main>")).replace(/data:image[^"]*/g, "");
    expect(texts.match(/NaN|undefined|\[object|https?:/g)).toBeNull();
  });

  it("says it in words without --json", async () => {
    const { code, out } = await twinview("eval", run, "--threads", "1", "--probe-epochs", "3");
    expect(code).toBe(0);
    expect(out).toMatch(/^encoder +online vit-mini\/8, 96 wide, at step 7$/m);
    expect(out).toMatch(/^kNN, target +[\d.]+ % \(k 1\), /m);
    expect(out).toMatch(/^linear probe +[\d.]+ % after the last epoch, [\d.]+ % at the best held-out epoch$/m);
    expect(out).toMatch(/^backbone +unchanged, SHA-256 [0-9a-f]{16}$/m);
  });

  it("without labels measures what needs none", async () => {
    mkdirSync(at("flat"));
    for (const name of readdirSync(join(pictures, "fine"))) writeFileSync(at("flat", name), readFileSync(join(pictures, "fine", name)));
    const found = await evaluated(run, "--data", at("flat"));
    expect([found.knn, found.linear]).toEqual([undefined, undefined]);
    expect(found.quality.rankMe).toBeGreaterThan(1);
  });
});

describe("what cannot be evaluated is one clear error, and changes no file", () => {
  const refused = async (argv: readonly string[], ...lines: readonly string[]): Promise<void> => {
    const before = filesIn(scratch);
    const { code, error } = await twinview("eval", ...argv, "--threads", "1");
    expect(error.replaceAll(scratch, "SCRATCH")).toBe(`error: ${lines.join("\n  ")}\n`);
    expect(code).toBe(2);
    expect(filesIn(scratch)).toEqual(before);
  };

  it("labels that are missing", async () =>
    refused(
      [run, "--knn", "--data", at("flat")],
      "the images have no labels",
      "where: SCRATCH/flat",
      "expected: a folder of images for each class, or a data set with labels",
      "fix: without --knn and --linear, twinview eval measures what needs no labels",
    ));

  it("a single class", async () => {
    mkdirSync(at("single"));
    writeFileSync(at("single", "data_batch_1.bin"), cifar([0, 0, 0]));
    writeFileSync(at("single", "test_batch.bin"), cifar([0]));
    await refused(
      [run, "--linear", "--data", at("single")],
      "there is only one class: nothing to tell apart",
      "where: SCRATCH/single",
      "got: 0",
      "expected: at least 2 classes",
    );
  });

  it("classes that differ in number between training and test", async () => {
    mkdirSync(at("uneven"));
    writeFileSync(at("uneven", "data_batch_1.bin"), cifar([0, 1, 2, 0, 1, 2]));
    writeFileSync(at("uneven", "test_batch.bin"), cifar([0, 1]));
    await refused(
      [run, "--data", at("uneven")],
      "the training and the test images differ in their classes",
      "where: SCRATCH/uneven",
      "got: 3 classes in training, 2 in test",
      "expected: the same classes",
    );
  });

  it("a test class that no training image has", async () => {
    mkdirSync(at("unseen"));
    writeFileSync(at("unseen", "data_batch_1.bin"), cifar([0, 2, 0, 2]));
    writeFileSync(at("unseen", "test_batch.bin"), cifar([0, 1, 2]));
    await refused([run, "--data", at("unseen")], "a class of the test images has no training image", "where: SCRATCH/unseen", "got: 1");
  });

  it("tensors of another width than the configuration's", async () => {
    await makeRun(at("narrow"), mocoV3App, {
      wishes,
      set: small,
      change: ({ online, ...rest }) => {
        const path = "encoder/patch/w";
        const found = online?.get(path) as HostArray;
        const half = { ...found, shape: [192, 48], data: found.data.slice(0, 192 * 48) };
        return { ...rest, online: new Map([...(online ?? [])].map(([name, array]) => [name, name === path ? half : array])) };
      },
    });
    await refused(
      [at("narrow")],
      "the checkpoint does not fit the run's config.json",
      "where: SCRATCH/narrow/checkpoints/step-000007",
      "got: shape [192, 48]",
      "expected: patch/w of shape [192, 96]",
      "fix: config.json or the checkpoint was changed by hand or copied from another run; put the right one back",
    );
  });

  it("a tensor that is missing, and one too many", async () => {
    const without = ({ online, ...rest }: Readonly<Record<string, ReadonlyMap<string, HostArray>>>) => ({
      ...rest,
      online: new Map([...(online ?? [])].filter(([name]) => name !== "encoder/norm/scale")),
    });
    await makeRun(at("missing"), mocoV3App, { wishes, set: small, change: without });
    const { error } = await twinview("eval", at("missing"));
    expect(error).toContain("got: no such tensor\n  expected: norm/scale of shape [96]");
    const withMore = ({ online, ...rest }: Readonly<Record<string, ReadonlyMap<string, HostArray>>>) => ({
      ...rest,
      online: new Map([...(online ?? []), ["encoder/extra", hostArray([1], [1])]]),
    });
    await makeRun(at("more"), mocoV3App, { wishes, set: small, change: withMore });
    expect((await twinview("eval", at("more"))).error).toContain("got: a tensor extra\n  expected: no tensor of this name");
  });

  it("a damaged checkpoint, where there is no other", async () => {
    await makeRun(at("damaged"), mocoV3App, { wishes, set: small });
    const path = at("damaged", "checkpoints", "step-000007", "online.safetensors");
    const bytes = readFileSync(path);
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    writeFileSync(path, bytes);
    await refused(
      [at("damaged")],
      "no checkpoint of this run is whole",
      "passing over step-000007: SCRATCH/damaged/checkpoints/step-000007/online.safetensors: the file is damaged: its SHA-256 differs from the manifest",
      "where: SCRATCH/damaged",
      "fix: move the checkpoints folder away to start over",
    );
  });

  it("a run that has no checkpoint, and a folder that has no run", async () => {
    mkdirSync(at("young"));
    writeFileSync(at("young", "config.json"), readFileSync(join(run, "config.json")));
    await refused(
      [at("young")],
      "this run has no checkpoint yet",
      "where: SCRATCH/young",
      "fix: twinview resume SCRATCH/young trains it further",
    );
    await refused(
      [pictures],
      "there is no run in this folder",
      "where: SCRATCH/pictures",
      "expected: a folder with config.json, as twinview train makes",
      "fix: check the path; runs are in runs/ unless --out said otherwise",
    );
  });

  it("an encoder that the method does not have", async () => {
    await makeRun(at("simclr"), simclrApp, { wishes, set: ["heads.hidden=16", "heads.out=8"] });
    await refused(
      [at("simclr"), "--encoder", "target"],
      "simclr has no target encoder",
      "where: --encoder target",
      "expected: --encoder online or untrained",
    );
  });

  it("numbers that are none", async () => {
    await refused([run, "--k", "1,x"], "--k: wrong value", 'got: "x"', "expected: whole numbers of at least 1, separated by commas");
    await refused([run, "--rates", "0.1,"], "--rates: wrong value", 'got: ""', "expected: numbers of at least 0, separated by commas");
  });
});
