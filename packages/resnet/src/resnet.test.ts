import { evaluate, type HostArray, type HostTree, leaves, ones, rngOf, ShapeError, type Tensor, type Tree } from "@twinview/core";
import { describe, expect, test } from "vitest";
import { type ResNetOptions, resnet, sizes, torchvisionName } from "./index.ts";

const narrow: ResNetOptions = { size: sizes["18"], stem: "small", width: 2 };
const initial = (options: ResNetOptions) =>
  evaluate(() => resnet(options).init(rngOf(1)) as unknown as Tree<Tensor>) as { readonly params: HostTree; readonly state: HostTree };
const pathsOf = (tree: HostTree): readonly string[] => leaves<HostArray>(tree).map(([path]) => path);

describe("resnet", () => {
  test("tells its name and width, and that it mixes the images of a batch", () => {
    const told = (size: keyof typeof sizes, width?: number) => {
      const { name, dim, mixesImages } = resnet({ size: sizes[size], stem: "large", ...(width === undefined ? {} : { width }) });
      return [name, dim, mixesImages];
    };
    expect([told("18"), told("34"), told("50"), told("50", 8)]).toEqual([
      ["resnet-18", 512, true],
      ["resnet-34", 512, true],
      ["resnet-50", 2048, true],
      ["resnet-50", 256, true],
    ]);
  });

  test("has the stem that is asked for", () => {
    const shapeOf = (stem: "large" | "small") =>
      leaves<HostArray>(initial({ ...narrow, stem }).params).find(([path]) => path === "conv1/w")?.[1].shape;
    expect([shapeOf("large"), shapeOf("small")]).toEqual([
      [2, 3, 7, 7],
      [2, 3, 3, 3],
    ]);
  });

  test("calls the stem frozen when it is asked to freeze it, and nothing else ever", () => {
    const paths = pathsOf(initial(narrow).params);
    expect(paths.filter(resnet(narrow).frozen)).toEqual([]);
    expect(paths.filter(resnet({ ...narrow, freezeStem: true }).frozen)).toEqual(["conv1/w", "bn1/scale", "bn1/shift"]);
  });

  test("starts each block as its shortcut only when residuals start at zero", () => {
    const last = (zeroResidual: boolean): HostArray =>
      leaves<HostArray>(initial({ ...narrow, zeroResidual }).params).find(([path]) => path === "layer4/block1/bn2/scale")?.[1] as HostArray;
    expect(Array.from(last(true).data)).toEqual(new Array(16).fill(0));
    expect(Array.from(last(false).data)).toEqual(new Array(16).fill(1));
  });

  test("starts its blocks differently", () => {
    const params = new Map(leaves<HostArray>(initial(narrow).params));
    expect(params.get("layer1/block0/conv1/w")?.data).not.toEqual(params.get("layer1/block1/conv1/w")?.data);
    expect(params.get("layer1/block0/conv1/w")?.data).not.toEqual(params.get("layer1/block0/conv2/w")?.data);
  });

  test("takes images of any side, odd ones too", () => {
    const shapeAt = (side: number) =>
      (
        evaluate(() => {
          const encoder = resnet(narrow);
          return encoder.apply(encoder.init(rngOf(1)), ones([2, side, side, 3]), { train: true, hyper: {} }).out as Tree<Tensor>;
        }) as HostArray
      ).shape;
    expect([shapeAt(8), shapeAt(13)]).toEqual([
      [2, 16],
      [2, 16],
    ]);
  });

  test("refuses widths and images that do not fit", () => {
    expect(() => resnet({ ...narrow, width: 0 })).toThrow(new ShapeError("resnet: width is 0, expected a positive whole number"));
    const encoder = resnet(narrow);
    const fed = () =>
      evaluate(() => encoder.apply(encoder.init(rngOf(1)), ones([2, 8, 8, 1]), { train: true, hyper: {} }).out as Tree<Tensor>);
    expect(fed).toThrow(new ShapeError("resnet: images has shape [2, 8, 8, 1], expected [any, any, any, 3]"));
  });
});

test("torchvisionName names blocks, shortcuts and statistics", () => {
  expect(
    [
      "conv1/w",
      "layer1/block0/bn2/shift",
      "layer3/block1/downsample/conv/w",
      "layer3/block1/downsample/bn/scale",
      "bn1/mean",
      "bn1/variance",
    ].map(torchvisionName),
  ).toEqual([
    "conv1.weight",
    "layer1.0.bn2.bias",
    "layer3.1.downsample.0.weight",
    "layer3.1.downsample.1.weight",
    "bn1.running_mean",
    "bn1.running_var",
  ]);
});
