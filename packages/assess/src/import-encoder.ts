import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { decodeSafetensors } from "@twinview/checkpoint";
import { failure, fileError, orThrow, type UserErrorDetails, userError } from "@twinview/config";
import { type HostArray, type HostTree, leaves, rebuild } from "@twinview/core";
import { fromForeign } from "@twinview/nn";
import { type BackboneConfig, encoderOf, type ForeignBackbone } from "@twinview/recipes";
import type { StartWeights } from "@twinview/train";
import { below } from "./below.ts";
import { foreignOrRefuse } from "./foreign-or-refuse.ts";
import { initialWeights } from "./initial-weights.ts";

/** Bytes of a file of weights with their SHA-256. */
export interface WeightFile {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

const refuse = (what: string, details: UserErrorDetails): never => {
  throw failure(userError("weights", what, details));
};

/** Reads a file of weights whole. Throws a user error where it cannot be read. */
export const readWeightFile = async (file: string): Promise<WeightFile> => {
  try {
    const bytes = new Uint8Array(await readFile(file));
    return { file, bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
  } catch (error) {
    throw failure(fileError(error, file, "read the weights"));
  }
};

/** A line that turns a file of torch.save into safetensors, for a Python with both. */
const conversion = (file: string): string =>
  `python -c "import torch, safetensors.torch as s; c = torch.load('${file}', map_location='cpu', weights_only=True); s.save_file({k: v.clone().contiguous() for k, v in c.get('state_dict', c).items() if hasattr(v, 'clone')}, '${file}.safetensors')"`;

const startsWith = (bytes: Uint8Array, start: readonly number[]): boolean => start.every((byte, i) => bytes[i] === byte);

/** Files of torch.save are archives of pickles, or pickles: programs that run when they are read. */
const isPickle = (bytes: Uint8Array): boolean => startsWith(bytes, [0x50, 0x4b, 0x03, 0x04]) || (bytes[0] === 0x80 && (bytes[1] ?? 9) <= 5);

const tensorsIn = ({ file, bytes }: WeightFile): ReadonlyMap<string, HostArray> => {
  if (isPickle(bytes))
    return refuse("this is a Python pickle, a program that would run when it is read", {
      where: file,
      expected: "a safetensors file",
      fix: conversion(file),
    });
  if (file.endsWith(".onnx"))
    return refuse("an ONNX file has no names to find weights by", { where: file, expected: "a safetensors file" });
  return orThrow(decodeSafetensors(bytes, file, { foreign: true })).tensors;
};

/** Where an encoder may stand in a file: by itself, or inside the official MoCo v3 model or those of other trainers. */
const prefixes = ["", "module.base_encoder.", "base_encoder.", "module.", "backbone.", "encoder.", "model."] as const;

/** What an encoder's own file may hold beside it: classifiers, heads, and torch's counters of batches. */
const beside = /^(fc|head|heads|classifier|projector|predictor|momentum_encoder)\.|\.num_batches_tracked$/;

const shapeText = (shape: readonly number[] = []): string => `[${shape.join(", ")}]`;

const checkConstant = (name: string, wanted: HostArray, found: HostArray | undefined, file: string): void => {
  if (found === undefined) return; // a file without it leaves it to us
  const same = found.data.length === wanted.data.length && wanted.data.every((x, i) => Math.abs(x - (found.data[i] as number)) < 1e-4);
  if (!same)
    refuse(`${name} is not the sine-cosine positions of this backbone`, {
      where: file,
      got: `shape ${shapeText(found.shape)}`,
      expected: `shape ${shapeText(wanted.shape)} of fixed values`,
      fix: "--set backbone.position=learned takes the positions from the file; --set image=.. and backbone.patch=.. change the grid",
    });
};

const named = (all: ReadonlyMap<string, HostArray>, foreign: ForeignBackbone, file: string): ReadonlyMap<string, HostArray> => {
  const first = foreign.tensors[0]?.name as string;
  const prefix = prefixes.find((each) => all.has(`${each}${first}`));
  if (prefix === undefined)
    return refuse("the file holds no such encoder", {
      where: file,
      got: `tensors ${[...all.keys()].slice(0, 3).join(", ")}${all.size > 3 ? " .." : ""}`,
      expected: `${foreign.library}'s names: ${first} and ${foreign.tensors.length - 1} more`,
      fix: "choose the backbone of the file with --backbone, or write one with twinview export RUN --to FILE.safetensors",
    });
  const tensors = below(all, prefix);
  const known = new Set([...foreign.tensors.map(({ name }) => name), ...foreign.constants.keys()]);
  const odd = [...tensors.keys()].filter((name) => !known.has(name) && !beside.test(name));
  if (odd.length > 0)
    return refuse("the file's encoder has more than this backbone", {
      where: file,
      got: `${odd.slice(0, 3).join(", ")}${odd.length > 3 ? ` and ${odd.length - 3} more` : ""}`,
      fix: "choose the size, readout and position of the file's encoder with --backbone and --set backbone...",
    });
  return tensors;
};

/**
 * The weights of an encoder from a safetensors file with timm's names (ViT), torchvision's (ResNet), or those of the official MoCo v3
 * files, whatever stands in front of them. Throws a user error for pickles, for a tensor that is missing or of another shape, and for
 * one that would be left over.
 */
export const importEncoder = (weights: WeightFile, backbone: BackboneConfig, image: number): StartWeights => {
  const { file } = weights;
  const foreign = foreignOrRefuse({ backbone, image }, "weights", { where: file });
  const tensors = named(tensorsIn(weights), foreign, file);
  for (const [name, wanted] of foreign.constants) checkConstant(name, wanted, tensors.get(name), file);
  const like = initialWeights(encoderOf(backbone, image)) as unknown as HostTree;
  const shapes = new Map(leaves<HostArray>(like).map(([path, { shape }]) => [path, shape]));
  const values = foreign.tensors.map((tensor) => {
    const found = tensors.get(tensor.name);
    const expected = `${tensor.name} of shape ${shapeText(tensor.shape)}`;
    if (found === undefined) return refuse("the file lacks a tensor of this backbone", { where: file, expected });
    if (found.shape.join() !== tensor.shape.join())
      return refuse("a tensor of the file has another shape than this backbone's", {
        where: file,
        got: shapeText(found.shape),
        expected,
        fix: "choose the file's size, patch and image with --backbone, --set backbone.patch=.. and --set image=..",
      });
    return [tensor.path, fromForeign(found, tensor, shapes.get(tensor.path) ?? [])] as const;
  });
  return rebuild(like, new Map(values)) as unknown as StartWeights;
};
