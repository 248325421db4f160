import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./source-tree.ts";

/** How a command of the documentation is kept honest. */
export type Checked =
  /** Run by readme.long.ts in a copy of the repository: as written, or as `as` says where that would take too long. */
  | { readonly as?: string; readonly says: readonly RegExp[]; readonly leaves?: readonly string[] }
  /** Run by another test, or by CI itself. */
  | { readonly runBy: string }
  /** Not run by any test. */
  | { readonly notRun: string };

/** Every command in a `sh` block of README.md or a page under docs/. A new one needs a row; docs.test.ts names those without. */
export const checkedCommands: Readonly<Record<string, Checked>> = {
  "npm ci && npm run demo": {
    as: "npm ci && npm run demo -- --minutes 0.1",
    says: [/^kNN \(k \d+\): raw pixels [\d.]+ %, untrained [\d.]+ %, trained [\d.]+ %$/m, /^report: runs\/demo\/report\.html$/m],
    leaves: ["runs/demo/summary.json", "runs/demo/report.html"],
  },
  "npm run twinview -- train moco-v3 --data fashion-mnist --epochs 18 --set knn.finalBank=60000 --set knn.finalQueries=10000": {
    notRun: "half an hour on two free cores; what it gave stands below it",
  },
  "npm run twinview -- train moco-v3 --data emoji-apple --minutes 4": {
    notRun: "the emoji are a package of 100 MB that is installed by hand; what it gave stands below it",
  },
  "npm run twinview -- train moco-v3 --data fashion-mnist --epochs 20 --out runs/fm": {
    notRun: "a quarter of an hour on two free cores; what it gave stands below it",
  },
  "npm run twinview -- train moco-v3 --data emoji-apple --epochs 100 --out runs/emoji": {
    notRun: "the emoji are a package of 100 MB that is installed by hand; what it gave stands below it",
  },
  "npm run twinview -- eval runs/fm --knn --linear": { notRun: "needs the run of twenty epochs; its like is run on runs/demo" },
  "npm run twinview -- eval runs/fm --knn --linear --encoder untrained": {
    notRun: "needs the run of twenty epochs; its like is run on runs/demo",
  },
  "npm run twinview -- finetune runs/fm --labels 0.01 --seed 0": { notRun: "needs the run of twenty epochs; its like is run on runs/demo" },
  "npm run twinview -- finetune runs/fm --labels 0.01 --seed 0 --from scratch": {
    notRun: "needs the run of twenty epochs; its like is run on runs/demo",
  },
  "npm run twinview -- finetune runs/fm --epochs 10": { notRun: "needs the run of twenty epochs; its like is run on runs/demo" },
  "npm run twinview -- finetune runs/fm --epochs 10 --from scratch --to runs/labelled.safetensors": {
    notRun: "needs the run of twenty epochs; finetune.test.ts does it on a small one",
  },
  "npm run twinview -- eval runs/fm --knn --linear --weights runs/labelled.safetensors": {
    notRun: "needs the run of twenty epochs; finetune.test.ts does it on a small one",
  },
  "npm run twinview -- compare --data fashion-mnist --seeds 2 --epochs 1": {
    notRun: "sixteen runs of 60,000 images; compare.long.ts runs all cells with --quick",
  },
  "npm run twinview -- compare --data emoji-apple --seeds 2 --epochs 100 --backbones vit-mini --out runs/compare-vit": {
    notRun: "eight runs on a package that is installed by hand; what it gave stands below it",
  },
  "npm run twinview -- compare --data emoji-apple --seeds 2 --epochs 20 --backbones resnet-18 --out runs/compare-resnet": {
    notRun: "eight runs on a package that is installed by hand; what it gave stands below it",
  },
  "npm run twinview -- eval runs/demo": {
    as: "npm run twinview -- eval runs/demo --train-images 2000 --test-images 500",
    says: [/^kNN, target +[\d.]+ % \(k 1\), /m, /^linear probe +[\d.]+ % after the last epoch/m, /^backbone +unchanged/m],
    leaves: ["runs/demo/eval.json"],
  },
  "npm run twinview -- export runs/demo --to encoder.safetensors --to encoder.onnx --features features": {
    says: [/^written to encoder\.onnx$/m],
    leaves: ["encoder.safetensors", "encoder.onnx", "features/features-test.npy", "features/features.parquet"],
  },
  "npm run twinview -- finetune runs/demo --labels 0.01": {
    as: "npm run twinview -- finetune runs/demo --labels 0.01 --epochs 1",
    says: [/^test [\d.]+ %, training [\d.]+ %, gap -?[\d.]+ points$/m],
    leaves: ["runs/demo/finetune/online-labels-0.01-seed-0.json"],
  },
  "npm run twinview -- finetune runs/demo --labels 0.01 --from scratch": {
    as: "npm run twinview -- finetune runs/demo --labels 0.01 --from scratch --epochs 1",
    says: [/^from scratch, 600 labelled images, 4 steps$/m],
  },
  "npm run twinview -- train supervised --data fashion-mnist --epochs 2": {
    as: "npm run twinview -- train supervised --data fashion-mnist --epochs 0.05",
    says: [/^kNN \(k \d+\): raw pixels [\d.]+ %, untrained [\d.]+ %, trained [\d.]+ %$/m],
    leaves: ["runs/supervised-fashion-mnist/report.html"],
  },
  "npm run twinview -- transfer runs/demo --to path/to/images --baseline": {
    as: "npm run twinview -- transfer runs/demo --to path/to/images --baseline --epochs 1",
    says: [/^path\/to\/images, untrained: kNN .*; linear [\d.]+ %; fine-tuned [\d.]+ %, gap /m],
    leaves: ["runs/demo/transfer.json"],
  },
  "npm run build && node tooling/bench/dist/step-model.js vit-96x4-p4-32px-b32 step-files": {
    as: "node tooling/bench/dist/step-model.js vit-96x4-p4-32px-b32 step-files",
    says: [],
    leaves: ["step-files/fused.onnx", "step-files/standard.onnx", "step-files/inputs.json"],
  },
  "python tooling/bench/peer/saved_model_step.py step-files": { notRun: "needs a Python with tensorflow; what it gave stands below it" },
  "node tooling/bench/dist/saved-model-step.js vit-96x4-p4-32px-b32 step-files": { notRun: "needs the file of the command before" },
  "python tooling/bench/peer/openvino_step.py step-files 1 5": { notRun: "needs a Python with openvino; what it gave stands below it" },
  "npm run build && node tooling/bench/dist/evaluation.js": { notRun: "minutes on two cores; what it gave stands below it" },
  "node docs/examples/simsiam.mjs": { says: [/^step 5: loss \d+\.\d{4}$/m] },
  "node docs/examples/moco-v3.mjs": { says: [/^step 3: loss \d+\.\d{4}$/m] },
  "node docs/examples/simclr.mjs": { says: [/^step 3: loss \d+\.\d{4}$/m] },
  "node docs/examples/byol.mjs": { says: [/^step 3: loss \d+\.\d{4}$/m] },
  "node docs/examples/swav.mjs": { says: [/^step 3: loss \d+\.\d{4}$/m] },
  "npm run twinview -- study --list": { says: [/^S7 {3}Position embedding +3 settings x 3 seeds$/m] },
  "npm run twinview -- study S7": { notRun: "nine runs of 120,000 images; study.long.ts runs it with --quick" },
  "npm run twinview -- study S4": { notRun: "twelve runs of 120,000 images; study.long.ts runs it with --quick" },
  "npm run twinview -- study S5": { notRun: "72 runs of 120,000 images; study.long.ts runs it with --quick" },
  "npm run twinview -- study all": { notRun: "hours; study.long.ts runs it with --quick" },
  "npm run twinview -- train moco-v3 --data fashion-mnist --preset mini --seed 100 --batch 256 --epochs 2 --set optimizer.baseRate=0.064 --set optimizer.warmupEpochs=0.2 --set knn.everyEpochs=0.1":
    { notRun: "a minute and a half of unstable training; what it gave stands above it" },
  "npm run twinview -- study all --quick": { runBy: "study.long.ts" },
  "npm run twinview -- train byol --data fashion-mnist --batch 64 --epochs 0.2 --set heads.predictor=false": {
    says: [/^warning: collapse at step \d+: embeddingStd is 0\.\d+, below 0\.45 since step \d+; /m],
    leaves: ["runs/byol-fashion-mnist/report.html"],
  },
  "npm run twinview -- doctor --chaos path/to/folder": { runBy: "doctor.long.ts" },
  "npm run campaign -- killed --times 200": { notRun: "ten minutes and more on two cores; what it gave stands below it" },
  "npx vitest run --project long test/dist/collapse.long.js": { runBy: "the long suite, whose part it is" },
  "node tooling/scripts/install-tensorflow.mjs path/to/tensorflow": { runBy: ".ci/run, into a folder of its own" },
  "npm ci && npm test": { runBy: ".ci/run, command by command; here it would be the fast suite within the long one" },
  "npm run twinview -- train moco-v3 --data path/to/images": {
    as: "npm run twinview -- train moco-v3 --data path/to/images --epochs 1",
    says: [/^image folder path\/to\/images: /m, /^trained for /m],
    leaves: ["runs/moco-v3-images/summary.json", "runs/moco-v3-images/report.html"],
  },
};

/** A command of the documentation and where it stands. */
export interface Documented {
  readonly file: string;
  readonly command: string;
}

const commandsIn = (file: string): readonly Documented[] => {
  const blocks = readFileSync(join(root, file), "utf8").matchAll(/^```sh\n([\s\S]*?)^```/gm);
  return [...blocks].flatMap(([, block = ""]) =>
    block
      .replace(/\\\n\s*/g, "")
      .split("\n")
      .map((line) => line.replace(/\s+#.*$|^#.*$/, "").trim())
      .filter((command) => command !== "")
      .map((command) => ({ file, command })),
  );
};

/** Every command in README.md and the pages under docs/, in their order. */
export const documentedCommands = (): readonly Documented[] =>
  ["README.md", ...readdirSync(join(root, "docs"), { recursive: true }).map((name) => `docs/${name}`)]
    .filter((file) => file.endsWith(".md"))
    .flatMap(commandsIn);
