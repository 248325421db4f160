import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encoderWeights, importEncoder, openRun, readWeightFile, weightsHash } from "@twinview/assess";
import { decodeSafetensors, encodeSafetensors, type Safetensors } from "@twinview/checkpoint";
import { userErrorOf } from "@twinview/config";
import { type HostArray, hostArray } from "@twinview/core";
import { mocoV3App } from "@twinview/moco-v3";
import { backboneCodec } from "@twinview/recipes";
import { expectClose } from "@twinview/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { filesIn, twinview } from "./command.ts";
import { exportedVariants, makeVariant } from "./exported-variants.ts";
import { writePictures } from "./pictures.ts";

const scratch = mkdtempSync(join(tmpdir(), "twinview-init-"));
const at = (...names: readonly string[]): string => join(scratch, ...names);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const variants = Object.entries(exportedVariants)
  .filter(([, { library }]) => library !== undefined)
  .map(([name, variant]) => ({ name, variant }));
const vitName = "vit with sine-cosine positions";

const read = (file: string): Safetensors => {
  const found = decodeSafetensors(readFileSync(file), file);
  if (found._tag === "Left") throw new Error(found.left.what);
  return found.right;
};
const write = (file: string, tensors: ReadonlyMap<string, HostArray>): string => {
  writeFileSync(file, Buffer.concat(encodeSafetensors(tensors)));
  return file;
};
const renamed = (tensors: ReadonlyMap<string, HostArray>, prefix: string): readonly (readonly [string, HostArray])[] =>
  [...tensors].map(([name, array]) => [`${prefix}${name}`, array] as const);

const imported = async (name: string, file: string) => {
  const { stored, run } = await openRun({ "moco-v3": mocoV3App }, at(name));
  const { backbone } = stored.config as { readonly backbone: unknown };
  const decoded = backboneCodec.decode(backbone);
  if (decoded._tag === "Left") throw new Error("the backbone is not one");
  return importEncoder(await readWeightFile(file), decoded.right, run.experiment.image);
};
const hashOf = async (name: string): Promise<string> =>
  weightsHash(encoderWeights(await openRun({ "moco-v3": mocoV3App }, at(name)), "online"));

beforeAll(async () => {
  await writePictures(at("pictures"), 20);
  for (const { name, variant } of variants) {
    await makeVariant(at(name), variant);
    expect((await twinview("export", at(name), "--to", at(`${name}.safetensors`))).code).toBe(0);
  }
});

describe("weights from a file", () => {
  it.each(variants)("$name: what was exported comes back bit by bit", async ({ name }) => {
    expect(weightsHash(await imported(name, at(`${name}.safetensors`)))).toBe(await hashOf(name));
  });

  it("in the names of an official MoCo v3 file, beside its heads and its momentum encoder", async () => {
    const { tensors } = read(at(`${vitName}.safetensors`));
    const noise = hostArray([1, 2], [2]);
    const zeros = new Map([...tensors].map(([name, { shape, data }]) => [name, hostArray(new Float32Array(data.length), shape)]));
    const official = new Map([
      ...renamed(tensors, "module.base_encoder."),
      ["module.base_encoder.head.0.weight", noise] as const,
      ...renamed(zeros, "module.momentum_encoder."),
      ["module.predictor.1.running_mean", noise] as const,
    ]);
    expect(weightsHash(await imported(vitName, write(at("official.safetensors"), official)))).toBe(await hashOf(vitName));
  });

  it("of a ResNet with its classifier", async () => {
    const { tensors } = read(at("resnet-18.safetensors"));
    const noise = hostArray([1, 2], [2]);
    const whole = write(at("classifier.safetensors"), new Map([...tensors, ["fc.weight", noise], ["bn1.num_batches_tracked", noise]]));
    expect(weightsHash(await imported("resnet-18", whole))).toBe(await hashOf("resnet-18"));
  });
});

describe("files that do not fit are one clear error", () => {
  const whole = (): ReadonlyMap<string, HostArray> => read(at(`${vitName}.safetensors`)).tensors;
  const file = at("bad.safetensors");
  const refused = async (path: string) => {
    try {
      await imported(vitName, path);
    } catch (thrown) {
      return userErrorOf(thrown);
    }
    return undefined;
  };

  it.each<[string, readonly number[]]>([
    ["an archive of torch.save", [0x50, 0x4b, 3, 4, 0, 0]],
    ["a bare pickle", [0x80, 2, 0x8a, 10]],
  ])("%s: a pickle is never read, and the line that converts it is given", async (_, bytes) => {
    writeFileSync(at("vit-s.pth.tar"), Uint8Array.from(bytes));
    const error = await refused(at("vit-s.pth.tar"));
    expect(error).toMatchObject({
      what: "this is a Python pickle, a program that would run when it is read",
      where: at("vit-s.pth.tar"),
      expected: "a safetensors file",
    });
    expect(error?.fix).toMatch(
      /^python -c "import torch, safetensors\.torch as s; c = torch\.load\('.*vit-s\.pth\.tar', map_location='cpu', weights_only=True\); s\.save_file/,
    );
  });

  it("a missing file, and one that is no safetensors", async () => {
    expect(await refused(at("gone.safetensors"))).toMatchObject({
      what: expect.stringContaining("cannot read the weights: there is no such file"),
    });
    writeFileSync(file, "hello, here is no header");
    expect(await refused(file)).toMatchObject({ what: expect.stringMatching(/^not a valid safetensors file: /), where: file });
  });

  it("another family's encoder", async () => {
    expect(await refused(at("resnet-18.safetensors"))).toMatchObject({
      what: "the file holds no such encoder",
      expected: "timm's names: patch_embed.proj.weight and 52 more",
    });
  });

  it("a tensor that is missing, of another shape, or left over", async () => {
    const name = "blocks.2.mlp.fc1.bias";
    write(file, new Map([...whole()].filter(([each]) => each !== name)));
    expect(await refused(file)).toMatchObject({ what: "the file lacks a tensor of this backbone", expected: `${name} of shape [384]` });
    write(file, new Map([...whole(), [name, hostArray([1], [1])]]));
    expect(await refused(file)).toMatchObject({
      what: "a tensor of the file has another shape than this backbone's",
      got: "[1]",
      expected: `${name} of shape [384]`,
    });
    write(file, new Map([...whole(), ["blocks.4.norm1.weight", hostArray([1], [1])]]));
    expect(await refused(file)).toMatchObject({ what: "the file's encoder has more than this backbone", got: "blocks.4.norm1.weight" });
  });

  it("learned positions where this backbone has fixed ones", async () => {
    const positions = whole().get("pos_embed") as HostArray;
    write(file, new Map([...whole(), ["pos_embed", hostArray(new Float32Array(positions.data.length), positions.shape)]]));
    expect(await refused(file)).toMatchObject({
      what: "pos_embed is not the sine-cosine positions of this backbone",
      fix: expect.stringContaining("--set backbone.position=learned"),
    });
  });
});

describe("twinview train --init-from", () => {
  const flags = "train moco-v3 --epochs 1 --batch 4 --threads 1 --set heads.hidden=16 --set heads.out=8 --set image=32".split(" ");
  const lr = "optimizer.baseRate=0"; // nothing moves: what the run ends with is what it started from
  const start = (name: string, ...more: readonly string[]) => {
    const from = ["--init-from", at(`${vitName}.safetensors`), "--set", "backbone.patch=8", "--set", lr];
    return twinview(...flags, "--data", at("pictures"), "--out", at(name), ...from, ...more);
  };

  it("starts both encoders from the file, and the same command goes on", async () => {
    const { code, error } = await start("started");
    expect([code, error]).toEqual([0, ""]);
    const opened = await openRun({ "moco-v3": mocoV3App }, at("started"));
    const expected = await hashOf(vitName);
    expect(weightsHash(encoderWeights(opened, "online"))).toBe(expected);
    const token = (which: "online" | "target") => (encoderWeights(opened, which).params as { readonly token: HostArray }).token;
    expectClose(token("target"), token("online"), { ofLargest: 1e-5 }); // an average of equal numbers, rounded at each step
    expect(await start("started")).toMatchObject({ code: 0, error: "" });
  });

  it("refuses a file that was changed since, and writes nothing where the file does not fit", async () => {
    const before = readFileSync(at(`${vitName}.safetensors`));
    const { tensors } = read(at(`${vitName}.safetensors`));
    write(at(`${vitName}.safetensors`), new Map([...tensors, ["norm.bias", hostArray(new Float32Array(96), [96])]]));
    const { error } = await start("started");
    expect(error).toContain("error: this folder holds a run with another configuration\n");
    expect(error).toContain("got: initFrom.sha256: ");
    writeFileSync(at(`${vitName}.safetensors`), before);
    const files = filesIn(scratch);
    const narrow = await start("never", "--set", "backbone.patch=4");
    expect(narrow.code).toBe(2);
    expect(narrow.error).toContain("error: pos_embed is not the sine-cosine positions of this backbone\n");
    expect(filesIn(scratch)).toEqual(files);
  });
});
