import { unwrap } from "@twinview/config";
import { detect, openLoader } from "@twinview/data";
import { onnxEngine } from "@twinview/engine";
import { simclr } from "@twinview/methods";
import { constant, larsClassic } from "@twinview/optim";
import { resnet, sizes } from "@twinview/resnet";
import { experiment, initialState, runLoop, stepProgram } from "@twinview/train";

const { train } = await unwrap(detect("fashion-mnist"));
const encoder = resnet({ size: sizes["18"], stem: "small", width: 16 });
// batch norm, in the encoder and in the projector, sees both views of all images together
const method = simclr({ hidden: 256, out: 64, layers: 2, tau: 0.5, strength: 0.5, blur: 0 });
const optimizer = larsClassic(); // the rate enters the momentum, as in the official code
const schedules = { lr: constant(0.3), wd: constant(1e-4) }; // no target network, so no momentum
const run = experiment({ encoder, method, optimizer, schedules, seed: 0, image: 28, batch: 64, steps: 3 });
const batches = openLoader({ source: train, ...run });
const session = await onnxEngine().open({ state: initialState(run), programs: { step: stepProgram(run) } });
const afterStep = async ({ step, loss }) => console.log(`step ${step + 1}: loss ${loss.toFixed(4)}`);
await runLoop({ experiment: run, session, batches, afterStep });
await Promise.all([batches.close(), session.close()]);
