import { unwrap } from "@twinview/config";
import { detect, openLoader } from "@twinview/data";
import { onnxEngine } from "@twinview/engine";
import { byol } from "@twinview/methods";
import { constant, cosine, excludeBiasAndNorm, lars } from "@twinview/optim";
import { resnet, sizes } from "@twinview/resnet";
import { experiment, initialState, runLoop, stepProgram } from "@twinview/train";

const { train } = await unwrap(detect("fashion-mnist"));
const encoder = resnet({ size: sizes["18"], stem: "small", width: 16 });
// the target network starts from values of its own and moves after each update
const method = byol({ hidden: 256, out: 64, blur: 0 });
const optimizer = lars({ mask: excludeBiasAndNorm });
const schedules = { lr: constant(0.3), wd: constant(1e-6), momentum: cosine({ from: 0.99, to: 1, steps: 3 }) };
const run = experiment({ encoder, method, optimizer, schedules, seed: 0, image: 28, batch: 64, steps: 3 });
const batches = openLoader({ source: train, ...run });
const session = await onnxEngine().open({ state: initialState(run), programs: { step: stepProgram(run) } });
const afterStep = async ({ step, loss }) => console.log(`step ${step + 1}: loss ${loss.toFixed(4)}`);
await runLoop({ experiment: run, session, batches, afterStep });
await Promise.all([batches.close(), session.close()]);
