import { mocoV3App } from "@twinview/moco-v3";
import type { Setting } from "./study.ts";

/** Training images a cell of length 1 sees: two epochs of Fashion-MNIST, 468 steps of 256. */
export const cellImages = 120_000;

/**
 * Base rates of AdamW for the mini ViT, in the place of the paper's 5e-5, 1e-4 and 1.5e-4 for ViT-B; chosen from trials before the
 * rules were fixed (docs/studies/README.md).
 */
export const rates = { small: 2.5e-4, base: 1e-3, large: 4e-3, larger: 1.6e-2, unstable: 6.4e-2 } as const;

/** `optimizer.baseRate` of a cell. */
export const rate = (value: number): string => `optimizer.baseRate=${value}`;

/** The paper's cure for instability. */
export const frozen = "backbone.freezePatch=true";

/** A setting of MoCo v3 on the mini ViT at batch 256 with a learned patch projection, but for what is said. */
export const setting = (name: string, { set = [], ...more }: Partial<Omit<Setting, "name">> = {}): Setting => ({
  name,
  app: mocoV3App,
  backbone: "vit-mini",
  batch: 256,
  times: 1,
  set,
  ...more,
});

/** A setting with a fixed random patch projection, as in all of the paper's ablations. */
export const ablation = (name: string, { set = [], ...more }: Partial<Omit<Setting, "name">> = {}): Setting =>
  setting(name, { set: [frozen, ...set], ...more });
