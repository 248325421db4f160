import { mocoV3App } from "@twinview/moco-v3";
import { changed, makeRun } from "./made-run.ts";

/** A backbone that is exported, and what the other library calls it. */
export interface ExportedVariant {
  readonly backbone?: string;
  readonly set: readonly string[];
  /** Absent where no library has names for it. */
  readonly library?: "timm" | "torchvision";
  /** How many tensors the file has, and the shapes of some. */
  readonly tensors?: number;
  readonly has?: Readonly<Record<string, readonly number[]>>;
}

/** 32 pixels in patches of 8: 16 and a token. A block has 12 tensors. */
export const exportedVariants: Readonly<Record<string, ExportedVariant>> = {
  "vit with sine-cosine positions": {
    set: ["backbone.patch=8"],
    library: "timm",
    tensors: 2 + 1 + 1 + 4 * 12 + 2,
    has: { pos_embed: [1, 17, 96], cls_token: [1, 1, 96], "patch_embed.proj.weight": [96, 3, 8, 8], "blocks.3.attn.qkv.weight": [288, 96] },
  },
  "vit with learned positions, the average and no last norm": {
    set: ["backbone.patch=8", "backbone.position=learned", "backbone.readout=average", "backbone.finalNorm=false"],
    library: "timm",
    tensors: 2 + 1 + 4 * 12,
    has: { pos_embed: [1, 16, 96], "blocks.0.mlp.fc1.weight": [384, 96] },
  },
  "vit without positions": {
    set: ["backbone.patch=8", "backbone.position=none", "backbone.readout=average"],
    library: "timm",
    tensors: 2 + 4 * 12 + 2,
    has: { "norm.weight": [96] },
  },
  "vit with the convolutional stem": { set: ["backbone.patch=8", "backbone.stem=conv"] },
  "vit with batch norms": { set: ["backbone.patch=8", "backbone.mlpNorm=batch"] },
  "resnet-18": {
    backbone: "resnet-18",
    set: ["backbone.width=8", "backbone.stem=large"],
    library: "torchvision",
    tensors: 20 * 5,
    has: { "conv1.weight": [8, 3, 7, 7], "layer2.0.downsample.1.running_var": [16], "layer4.1.bn2.weight": [64] },
  },
  "resnet-50 for small images": {
    backbone: "resnet-50",
    set: ["backbone.width=8", "backbone.stem=small"],
    library: "torchvision",
    tensors: 53 * 5,
    has: { "conv1.weight": [8, 3, 3, 3], "layer1.0.downsample.0.weight": [32, 8, 1, 1] },
  },
};

/** A run of a variant whose weights and statistics are not the plain ones it would start from: zeros and ones would hide mistakes. */
export const makeVariant = async (folder: string, { backbone, set }: ExportedVariant): Promise<void> => {
  await makeRun(folder, mocoV3App, {
    wishes: { data: "none", backbone },
    set: ["image=32", "heads.hidden=16", "heads.out=8", ...set],
    change: (groups) =>
      Object.fromEntries(
        Object.entries(groups).map(([name, group]) => [
          name,
          changed(group, (x, i) => (name === "statistics" ? Math.abs(x) + 0.3 + 0.2 * Math.sin(i) : x + 0.03 * Math.sin(1 + i))),
        ]),
      ),
  });
};
