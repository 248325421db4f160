import { unwrap } from "@twinview/config";
import { detect, openLoader } from "@twinview/data";
import { onnxEngine } from "@twinview/engine";
import { adamw, constant } from "@twinview/optim";
import { simsiam } from "@twinview/simsiam";
import { experiment, initialState, runLoop, stepProgram } from "@twinview/train";
import { mini, vit } from "@twinview/vit";

const { train } = await unwrap(detect("fashion-mnist"));
const encoder = vit({ size: mini, patch: 7, image: 28 });
const method = simsiam({ width: 128, bottleneck: 32 });
const schedules = { lr: constant(1e-3), wd: constant(0.1) };
const run = experiment({ encoder, method, optimizer: adamw(), schedules, seed: 0, image: 28, batch: 64, steps: 5 });
const batches = openLoader({ source: train, ...run });
const session = await onnxEngine().open({ state: initialState(run), programs: { step: stepProgram(run) } });
const afterStep = async ({ step, loss }) => console.log(`step ${step + 1}: loss ${loss.toFixed(4)}`);
await runLoop({ experiment: run, session, batches, afterStep });
await Promise.all([batches.close(), session.close()]);
