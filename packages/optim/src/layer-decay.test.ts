import { constant, evaluate, type HostArray, type Tensor } from "@twinview/core";
import { expect, test } from "vitest";
import { layerDecay, scaleByPath } from "./layer-decay.ts";

test("factors fall from the head to the first layer, as mae's lr_decay.py gives them to a ViT of 4 blocks", () => {
  const factor = layerDecay({ decay: 0.5, layers: 4 });
  const paths = {
    "encoder/patch/w": 0.5 ** 5,
    "encoder/token": 0.5 ** 5,
    "encoder/position": 0.5 ** 5,
    "encoder/blocks/block00/attention/qkv/w": 0.5 ** 4,
    "encoder/blocks/block03/norm1/scale": 0.5,
    "encoder/norm/scale": 1,
    "heads/classifier/fc1/w": 1,
  };
  expect(Object.fromEntries(Object.keys(paths).map((path) => [path, factor(path)]))).toEqual(paths);
});

test("a ResNet's stem and four stages are five layers", () => {
  const factor = layerDecay({ decay: 0.1, layers: 4 });
  expect(["encoder/conv1/w", "encoder/bn1/scale", "encoder/layer1/block0/conv1/w", "encoder/layer4/block1/bn1/shift"].map(factor)).toEqual([
    0.1 ** 5,
    0.1 ** 5,
    0.1 ** 4,
    0.1,
  ]);
});

test("updates are multiplied by their factors", () => {
  const found = evaluate(() => {
    const updates = { encoder: { a: constant([1, 2], [2]) }, heads: { b: constant([3], [1]) } };
    const scaled = scaleByPath((path) => (path === "encoder/a" ? 0.5 : 2)).update({ updates, params: updates, state: null, hyper: {} });
    return scaled.updates as Tensor;
  }) as unknown as { readonly encoder: { readonly a: HostArray }; readonly heads: { readonly b: HostArray } };
  expect([[...found.encoder.a.data], [...found.heads.b.data]]).toEqual([[0.5, 1], [6]]);
});
