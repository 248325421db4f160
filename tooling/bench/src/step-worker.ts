// Program: our MoCo v3 step. Arguments: the case as JSON, the number of threads.
import { ourStep } from "./our-step.ts";
import { serve } from "./serve.ts";
import type { StepConfig } from "./step-flops.ts";

const [config, threads] = process.argv.slice(2) as [string, string];
if (ourStep === undefined) throw new Error("step-worker: our-step.ts supplies no step");
await serve({ name: "twinview", ...(await ourStep(JSON.parse(config) as StepConfig, Number(threads))) });
