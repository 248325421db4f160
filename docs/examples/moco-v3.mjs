import { unwrap } from "@twinview/config";
import { detect, openLoader } from "@twinview/data";
import { onnxEngine } from "@twinview/engine";
import { mocoV3 } from "@twinview/methods";
import { adamw, constant, cosine } from "@twinview/optim";
import { experiment, initialState, runLoop, stepProgram } from "@twinview/train";
import { mini, vit } from "@twinview/vit";

const { train } = await unwrap(detect("fashion-mnist"));
// the patch projection keeps its random initial values: the paper's cure for unstable training
const encoder = vit({ size: mini, patch: 7, image: 28, freezePatch: true });
const method = mocoV3({ hidden: 256, out: 64, tau: 0.2 });
const optimizer = adamw();
const schedules = { lr: constant(1e-3), wd: constant(0.1), momentum: cosine({ from: 0.99, to: 1, steps: 3 }) };
const run = experiment({ encoder, method, optimizer, schedules, seed: 0, image: 28, batch: 64, steps: 3 });
const batches = openLoader({ source: train, ...run });
const session = await onnxEngine().open({ state: initialState(run), programs: { step: stepProgram(run) } });
const afterStep = async ({ step, loss }) => console.log(`step ${step + 1}: loss ${loss.toFixed(4)}`);
await runLoop({ experiment: run, session, batches, afterStep });
await Promise.all([batches.close(), session.close()]);
