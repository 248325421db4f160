// Program: our step of a method. Arguments: the case and how to run it, both as JSON.
import { openStep, type StepTuning } from "./our-step.ts";
import { serve } from "./serve.ts";
import type { StepConfig } from "./step-flops.ts";

const [config, tuning] = process.argv.slice(2) as [string, string];
const started = performance.now();
const step = await openStep(JSON.parse(config) as StepConfig, JSON.parse(tuning) as StepTuning);
await serve({ name: "twinview", openSeconds: (performance.now() - started) / 1000, ...step });
