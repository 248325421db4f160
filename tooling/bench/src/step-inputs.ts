import { fold, type HostArray, rngOf, uniforms } from "@twinview/core";
import type { StepConfig } from "./step-flops.ts";

const distinctBatches = 4;

/** A few batches of random bytes, two views `[B, S, S, 3]` each, to be used in turn. */
export const batchesOfBytes = ({ batch, size }: Pick<StepConfig, "batch" | "size">): readonly (readonly HostArray[])[] =>
  Array.from({ length: distinctBatches }, (_, i) =>
    ["view0", "view1"].map((view) => {
      const uniform = uniforms(fold(fold(rngOf(0), view), i));
      const data = Uint8Array.from({ length: batch * size * size * 3 }, () => Math.floor(uniform() * 256));
      return { shape: [batch, size, size, 3], dtype: "uint8", data };
    }),
  );

/**
 * The scalars that any method's step may ask for, scheduled as the peer schedules them: half a cosine over 10,000 steps, prototypes
 * that train, no queue.
 */
export const scheduled = (step: number) => {
  const falling = 0.5 * (1 + Math.cos((Math.PI * step) / 10_000));
  return { lr: 1.5e-4 * falling, wd: 0.1, momentum: 1 - 0.01 * falling, trainPrototypes: 1, useQueue: 0 } as const;
};
