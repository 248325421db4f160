import type { Encoder } from "@twinview/core";
import { byol, type Encodings, type Heads, type Method, mocoV3, simclr, swav } from "@twinview/methods";
import { adamw } from "@twinview/optim";
import { type Experiment, type ExperimentOptions, experiment } from "@twinview/train";
import { prototypeCount, type StepConfig } from "./step-flops.ts";
import { scheduled } from "./step-inputs.ts";

/** How a case's images are cut: through the encoder for speed, and in memory. */
export type Cut = Pick<
  ExperimentOptions<unknown, unknown, Heads, Encodings, string, unknown, string, unknown, string>,
  "chunk" | "microBatch"
>;
type ExperimentMaker = (config: StepConfig, encoder: Encoder, cut: Cut) => Experiment;

const scheduleOf = (name: keyof ReturnType<typeof scheduled>) => (step: number) => scheduled(step)[name];
/** Every scalar that a method may ask for; the step is fed those it does ask for. */
const schedules = {
  lr: scheduleOf("lr"),
  wd: scheduleOf("wd"),
  momentum: scheduleOf("momentum"),
  trainPrototypes: scheduleOf("trainPrototypes"),
  useQueue: scheduleOf("useQueue"),
};

const experimentOf =
  <Hs extends Heads, E extends Encodings, T extends keyof Hs, C, H extends string>(
    methodOf: (widths: { readonly hidden: number; readonly out: number }) => Method<Hs, E, T, C, H>,
  ): ExperimentMaker =>
  ({ hidden, out, batch, size }, encoder, cut) => {
    const whole = { encoder, method: methodOf({ hidden, out }), optimizer: adamw(), seed: 0, image: size, batch, steps: 1, ...cut };
    const made = experiment({ ...whole, schedules: schedules as never });
    const asked = Object.entries(schedules).filter(([name]) => made.step.hyper.includes(name));
    return { ...made, schedules: Object.fromEntries(asked) };
  };

/** The experiment of each method, with AdamW and two views; SwAV without small crops and without a queue. */
export const experimentMakers: Readonly<Record<StepConfig["method"], ExperimentMaker>> = {
  "moco-v3": experimentOf(mocoV3),
  simclr: experimentOf(simclr),
  byol: experimentOf(byol),
  swav: experimentOf((widths) => swav({ ...widths, prototypes: prototypeCount, small: { count: 0, scale: [0.1, 0.2] } })),
};
