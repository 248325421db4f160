import { unwrap } from "@twinview/config";
import { detect, openLoader } from "@twinview/data";
import { onnxEngine } from "@twinview/engine";
import { swav } from "@twinview/methods";
import { adamw, constant, join } from "@twinview/optim";
import { experiment, initialState, runLoop, stepProgram } from "@twinview/train";
import { mini, vit } from "@twinview/vit";

const { train } = await unwrap(detect("fashion-mnist"));
const encoder = vit({ size: mini, patch: 7, image: 28 });
// two large crops give codes, four small ones of 14 pixels only predict
const method = swav({ hidden: 256, out: 64, prototypes: 128, small: { count: 4, scale: [0.1, 0.3], size: 14 } });
const optimizer = adamw();
const frozen = join(constant(0), 1, constant(1)); // prototypes keep still for the first step
const schedules = { lr: constant(1e-3), wd: constant(0.1), trainPrototypes: frozen, useQueue: constant(0) };
const run = experiment({ encoder, method, optimizer, schedules, seed: 0, image: 28, batch: 64, steps: 3 });
const batches = openLoader({ source: train, ...run });
const session = await onnxEngine().open({ state: initialState(run), programs: { step: stepProgram(run) } });
const afterStep = async ({ step, loss }) => console.log(`step ${step + 1}: loss ${loss.toFixed(4)}`);
await runLoop({ experiment: run, session, batches, afterStep });
await Promise.all([batches.close(), session.close()]);
