import type { Encoder } from "@twinview/core";
import { byol, type Encodings, type Heads, type Method, mocoV3, simclr, swav, type TrainingStep, trainingStep } from "@twinview/methods";
import { adamw, type Transform } from "@twinview/optim";
import { prototypeCount, type StepConfig } from "./step-flops.ts";

type StepMaker = (config: StepConfig, encoder: Encoder, chunk: number | undefined) => TrainingStep<string>;

const stepOf =
  <Hs extends Heads, E extends Encodings, T extends keyof Hs, C, H extends string>(
    methodOf: (widths: { readonly hidden: number; readonly out: number }) => Method<Hs, E, T, C, H>,
  ): StepMaker =>
  ({ hidden, out }, encoder, chunk) =>
    trainingStep({
      encoder,
      method: methodOf({ hidden, out }),
      optimizer: adamw() as unknown as Transform<unknown, "lr" | "wd">,
      ...(chunk === undefined ? {} : { chunk }),
    }) as unknown as TrainingStep<string>;

/** The whole step of each method, with AdamW and two views; SwAV without small crops and without a queue. */
export const stepMakers: Readonly<Record<StepConfig["method"], StepMaker>> = {
  "moco-v3": stepOf(mocoV3),
  simclr: stepOf(simclr),
  byol: stepOf(byol),
  swav: stepOf((widths) => swav({ ...widths, prototypes: prototypeCount, small: { count: 0, scale: [0.1, 0.2] } })),
};
