import type { HostArray } from "@twinview/core";
import type { Engine } from "@twinview/engine";
import { goldenView } from "./golden-pictures.ts";
import { below, type GoldenConfig, goldenJson, openGolden, stepInputs } from "./golden-step.ts";

/** moco_v3_curve.json: twenty steps of PyTorch, and how far its losses stray when every initial weight is perturbed. */
export interface CurveFile {
  readonly config: GoldenConfig;
  readonly lr: readonly number[];
  readonly targetMomentum: readonly number[];
  readonly float64: readonly number[];
  /** Per step, the largest deviation of the float32 loss under perturbations of relative size 1e-7. */
  readonly spread: readonly number[];
  readonly checkPixels: { readonly step: number; readonly view: 0 | 1; readonly first: readonly number[]; readonly sum: number };
}

export const curve = goldenJson<CurveFile>("moco_v3_curve.json");

/** The losses of the same twenty steps on an engine; the target starts as a copy of the online side. */
export const lossesOn = async (engine: Engine): Promise<readonly number[]> => {
  const start = [...below("before/online/")]; // golden/moco_v3.py: the same seed and sizes as the single step's
  const targets = start.filter(([path]) => !path.startsWith("heads/predictor/"));
  const at = (side: string, entries: typeof start): readonly (readonly [string, HostArray])[] =>
    entries.map(([path, array]) => [`${side}/${path}`, array]);
  const session = await openGolden(engine, curve.config, new Map([...at("online", start), ...at("target", targets)]));
  try {
    const losses: number[] = [];
    for (const [step, lr] of curve.lr.entries()) {
      const views = [goldenView(step, 0, curve.config), goldenView(step, 1, curve.config)] as const;
      const inputs = stepInputs(curve.config, views, { lr, momentum: curve.targetMomentum[step] as number });
      losses.push((await session.run("step", inputs)).outputs.loss?.data[0] as number);
    }
    return losses;
  } finally {
    await session.close();
  }
};

/**
 * The steps at which a curve is further from PyTorch's in float64 than three times PyTorch's own spread, the largest so far: a
 * float32 loss of 2 comes in steps of 2.4e-7, so the spread at a single step is a small multiple of that, by luck.
 */
export const strayed = (losses: readonly number[]): readonly string[] =>
  curve.float64.flatMap((wanted, step) => {
    const gap = Math.abs((losses[step] ?? Number.NaN) - wanted);
    const spread = Math.max(...curve.spread.slice(0, step + 1));
    return gap <= 3 * spread ? [] : [`step ${step}: off by ${gap}, spread ${spread}`];
  });
