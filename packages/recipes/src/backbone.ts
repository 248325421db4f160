import { bool, type Codec, choice, closed, positiveInt, type TypeOf, tagged } from "@twinview/config";
import type { Encoder } from "@twinview/core";
import { sizes, vit } from "@twinview/vit";

const sizeNames = Object.keys(sizes) as (keyof typeof sizes)[];

const vitBackbone = closed("backbone", {
  family: choice(["vit"]),
  size: choice(sizeNames),
  patch: positiveInt,
  position: choice(["sin-cos", "learned", "none"]),
  readout: choice(["token", "average"]),
  finalNorm: bool,
  freezePatch: bool,
});

/** Which encoder, with all its options. */
export const backboneCodec: Codec<BackboneConfig> = tagged("backbone", "family", { vit: vitBackbone });
export type VitConfig = TypeOf<typeof vitBackbone>;
export type BackboneConfig = VitConfig;
export type Family = BackboneConfig["family"];

/** The names of `--backbone` and what each stands for beside its family's other settings. */
export const backbones: Readonly<Record<string, Pick<BackboneConfig, "family" | "size">>> = Object.fromEntries(
  sizeNames.map((size) => [`vit-${size}`, { family: "vit", size }]),
);

/** The family of a `--backbone` name; ViT when none was asked for. */
export const familyOf = (name: string | undefined): Family => (name === undefined ? "vit" : (backbones[name]?.family ?? "vit"));

/**
 * The encoder of a configuration for images of a side.
 * @throws ShapeError if sizes do not fit together: a patch that does not divide the image, a width that heads do not divide.
 */
export const encoderOf = ({ family, size, ...options }: BackboneConfig, image: number): Encoder =>
  vit({ size: sizes[size], image, ...options }) as unknown as Encoder;

/** The name of a backbone in tables: `vit-mini/4`. */
export const backboneName = ({ family, size, patch }: BackboneConfig): string => `${family}-${size}/${patch}`;

/** Floating-point operations of one image's forward pass, matrix products only. */
export const forwardFlops = ({ size, patch }: BackboneConfig, image: number): number => {
  const { dim, depth } = sizes[size];
  const tokens = (image / patch) ** 2 + 1;
  return tokens * depth * (24 * dim * dim + 4 * tokens * dim) + 2 * tokens * patch ** 2 * 3 * dim;
};
