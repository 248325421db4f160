import { bool, type Codec, choice, closed, positiveInt, type TypeOf, tagged } from "@twinview/config";
import type { Encoder } from "@twinview/core";
import { resnet, sizes as resnetSizes } from "@twinview/resnet";
import { vit, sizes as vitSizes } from "@twinview/vit";

const vitNames = Object.keys(vitSizes) as (keyof typeof vitSizes)[];
const resnetNames = Object.keys(resnetSizes) as (keyof typeof resnetSizes)[];

const vitBackbone = closed("backbone", {
  family: choice(["vit"]),
  size: choice(vitNames),
  patch: positiveInt,
  position: choice(["sin-cos", "learned", "none"]),
  readout: choice(["token", "average"]),
  finalNorm: bool,
  freezePatch: bool,
  /** One linear map of each patch, or the convolutional stem in the place of one block. */
  stem: choice(["patch", "conv"]),
  mlpNorm: choice(["layer", "batch"]),
});

const resnetBackbone = closed("backbone", {
  family: choice(["resnet"]),
  size: choice(resnetNames),
  /** Channels of the first stage: 64 as published. */
  width: positiveInt,
  /** `large`: 7 x 7 of stride 2 and max-pool; `small`: 3 x 3 of stride 1, for images of about 32 pixels. */
  stem: choice(["large", "small"]),
  /** Keeps the stem at its random initial values: what the frozen patch projection is to a ViT. */
  freezePatch: bool,
});

export type VitConfig = TypeOf<typeof vitBackbone>;
export type ResnetConfig = TypeOf<typeof resnetBackbone>;
/** Which encoder, with all its options. */
export type BackboneConfig = VitConfig | ResnetConfig;
export type Family = BackboneConfig["family"];

/** Whether a training pass mixes the images of its batch: wherever there is a batch norm. */
export const mixesImages = (config: BackboneConfig): boolean =>
  config.family === "resnet" || config.stem === "conv" || config.mlpNorm === "batch";

export const backboneCodec: Codec<BackboneConfig> = tagged("backbone", "family", { vit: vitBackbone, resnet: resnetBackbone });

/** The names of `--backbone` and what each stands for beside its family's other settings. */
export const backbones: Readonly<Record<string, Pick<VitConfig, "family" | "size"> | Pick<ResnetConfig, "family" | "size">>> =
  Object.fromEntries([
    ...vitNames.map((size) => [`vit-${size}`, { family: "vit", size } as const] as const),
    ...resnetNames.map((size) => [`resnet-${size}`, { family: "resnet", size } as const] as const),
  ]);

/** The family of a `--backbone` name; ViT when none was asked for. */
export const familyOf = (name: string | undefined): Family => (name === undefined ? "vit" : (backbones[name]?.family ?? "vit"));

/**
 * The encoder of a configuration for images of a side.
 * @throws ShapeError if sizes do not fit together: a patch that does not divide the image, a width that heads do not divide.
 */
export const encoderOf = (config: BackboneConfig, image: number): Encoder => {
  if (config.family === "vit") {
    const { family, size, ...options } = config;
    return vit({ size: vitSizes[size], image, ...options }) as unknown as Encoder;
  }
  const { size, width, stem, freezePatch } = config;
  return resnet({ size: resnetSizes[size], width, stem, freezeStem: freezePatch }) as unknown as Encoder;
};

/** The name of a backbone in tables: `vit-mini/4`, `resnet-18 x 16` when it is not 64 channels wide. */
export const backboneName = (config: BackboneConfig): string => {
  if (config.family === "vit") return `vit-${config.size}/${config.patch}`;
  return config.width === 64 ? `resnet-${config.size}` : `resnet-${config.size} x ${config.width}`;
};

const vitFlops = ({ size, patch }: VitConfig, image: number): number => {
  const { dim, depth } = vitSizes[size];
  const tokens = (image / patch) ** 2 + 1;
  return tokens * depth * (24 * dim * dim + 4 * tokens * dim) + 2 * tokens * patch ** 2 * 3 * dim;
};

/** Products of the 3 x 3 and 1 x 1 convolutions of every block; the shortcuts, a few percent, are left out. */
const resnetFlops = ({ size, width, stem }: ResnetConfig, image: number): number => {
  const { depths, bottleneck } = resnetSizes[size];
  const first = stem === "large" ? image / 4 : image;
  const stages = depths.map((depth, stage) => {
    const [side, channels] = [Math.max(1, first / 2 ** stage), width * 2 ** stage];
    const block = bottleneck ? (9 + 8) * channels ** 2 : 18 * channels ** 2;
    return 2 * depth * block * side ** 2;
  });
  return stages.reduce((sum, x) => sum + x, 0);
};

/** Floating-point operations of one image's forward pass, matrix products and convolutions only. */
export const forwardFlops = (config: BackboneConfig, image: number): number =>
  config.family === "vit" ? vitFlops(config, image) : resnetFlops(config, image);
