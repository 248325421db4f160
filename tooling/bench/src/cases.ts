import { fileURLToPath } from "node:url";
import { jpegCount, jpegFolder } from "./jpeg-files.ts";
import { startRunner } from "./line-process.ts";
import { programPath } from "./machine.ts";
import type { StepTuning } from "./our-step.ts";
import type { Runner } from "./runner.ts";
import { prototypeCount, type StepConfig, stepFlops } from "./step-flops.ts";

/** What both sides of a case are given. */
export interface CaseContext {
  readonly threads: number;
  /** How our engine runs the step, where it is not the library's own choice. */
  readonly tuning: Omit<StepTuning, "threads">;
  /** A Python that has torch, or undefined: no peer. */
  readonly python: string | undefined;
  /** A folder for files that both sides read; it is gone after the run. */
  readonly folder: string;
  /** The peer uses torch.compile. */
  readonly compile: boolean;
  /** The peer of a step is the same step on that engine of ours instead of PyTorch. */
  readonly beside: "tensorflow" | undefined;
  /** Steps are measured by the processor's time of each side instead of the clock's. */
  readonly processorTime: boolean;
}

/** One line of the benchmark: the same work done by us and by a peer. */
export interface Case {
  readonly name: string;
  /** Whether it runs only when it is asked for, by name or with all others. */
  readonly onRequest?: boolean;
  readonly imagesPerRun: number;
  /** The training step that one run is, where it is one at once. */
  readonly step?: StepConfig;
  /** Floating-point operations of one run, or null where that is no measure. */
  readonly flopsPerRun: number | null;
  readonly ours: (context: CaseContext) => Promise<Runner>;
  /** Undefined where the peer is not to be had. */
  readonly peer: (context: CaseContext) => Promise<Runner> | undefined;
}

const peerScript = (name: string): string => fileURLToPath(new URL(`../peer/${name}.py`, import.meta.url));

const startPeer = (
  python: string | undefined,
  script: string,
  options: object,
  { threads, processorTime = false }: { readonly threads: number; readonly processorTime?: boolean },
): Promise<Runner> | undefined =>
  python === undefined
    ? undefined
    : startRunner({
        processorTime,
        title: `peer ${script}`,
        command: python,
        args: [peerScript(script), JSON.stringify(options)],
        env: { OMP_NUM_THREADS: String(threads), PYTHONDONTWRITEBYTECODE: "1" },
      });

const startOurs = (
  name: string,
  config: StepConfig,
  { threads, tuning, processorTime }: CaseContext,
  cut: Pick<StepTuning, "microBatch"> = {},
): Promise<Runner> =>
  startRunner({
    processorTime,
    title: `twinview ${name}`,
    command: process.execPath,
    args: [programPath("step-worker"), JSON.stringify(config), JSON.stringify({ threads, ...tuning, ...cut })],
  });

/** The same step on another engine. */
const onEngine = async (engine: "tensorflow", name: string, config: StepConfig, context: CaseContext): Promise<Runner> => {
  const runner = await startOurs(`${name} on ${engine}`, config, { ...context, tuning: { ...context.tuning, engine } });
  return { ...runner, name: `twinview on ${engine}` };
};

const stepCase = (name: string, config: StepConfig): Case => ({
  name,
  step: config,
  imagesPerRun: config.batch,
  flopsPerRun: stepFlops(config),
  ours: (context) => startOurs(name, config, context),
  peer: (context) => {
    const { python, compile, beside, ...how } = context;
    if (beside !== undefined) return onEngine(beside, name, config, context);
    return startPeer(python, "step_peer", { ...config, prototypes: prototypeCount, threads: how.threads, compile }, how);
  },
});

const wholeBatch = 128;

/** A step in micro-batches beside our own step of 128 images at once: what bounded memory costs an image. */
const microCase = (name: string, config: StepConfig, microBatch: number): Case => ({
  name,
  imagesPerRun: config.batch,
  flopsPerRun: stepFlops(config),
  ours: (context) => startOurs(name, config, context, { microBatch }),
  peer: async (context) => {
    const whole = await startOurs(`${name} at once`, { ...config, batch: wholeBatch }, context);
    const run = (count: number): Promise<number> => whole.run((count * config.batch) / wholeBatch);
    return { ...whole, run, name: `twinview, batch ${wholeBatch} at once` };
  },
});

/** Views a second of one core: MoCo v3's first view, bytes to bytes, blurred with that probability. */
const augmentCase = (name: string, from: number, to: number, blur: number): Case => ({
  name,
  imagesPerRun: 1,
  flopsPerRun: null,
  ours: () =>
    startRunner({
      title: `twinview ${name}`,
      command: process.execPath,
      args: [programPath("augment-worker"), ...[from, to, blur].map(String)],
    }),
  peer: ({ python }) => startPeer(python, "augment_peer", { from, to, blur }, { threads: 1 }),
});

/** Views a second of one core, from JPEG files to both views of each, decoding included; a run is all files once. */
const jpegCase = (name: string, to: number): Case => ({
  name,
  imagesPerRun: 2 * jpegCount,
  flopsPerRun: null,
  ours: async ({ folder }) =>
    startRunner({
      title: `twinview ${name}`,
      command: process.execPath,
      args: [programPath("jpeg-worker"), await jpegFolder(folder), String(to), String(jpegCount)],
    }),
  peer: ({ python, folder }) =>
    python === undefined
      ? undefined
      : jpegFolder(folder).then((jpegs) => startPeer(python, "augment_peer", { folder: jpegs, to }, { threads: 1 }) as Promise<Runner>),
});

const heads = { hidden: 1024, out: 256 } as const;
const mini = { dim: 96, depth: 4, heads: 3, patch: 4, size: 32, ...heads } as const;
const tiny = { dim: 192, depth: 12, heads: 3, patch: 4, size: 32, ...heads } as const;
const small = { dim: 384, depth: 12, heads: 6, patch: 16, size: 224, ...heads } as const;
const resnet18 = { resnet: "18", dim: 512, size: 32, ...heads } as const;
const others = ["simclr", "byol", "swav"] as const;

/** Every case of the benchmark, in the order they run; a step without a method's name is MoCo v3's. */
export const cases: readonly Case[] = [
  stepCase("vit-96x4-p4-32px-b32", { method: "moco-v3", ...mini, batch: 32 }),
  stepCase("vit-192x12-p4-32px-b16", { method: "moco-v3", ...tiny, batch: 16 }),
  stepCase("vit-192x12-p4-32px-b64", { method: "moco-v3", ...tiny, batch: 64 }),
  { ...stepCase("vit-s-p16-224px-b8", { method: "moco-v3", ...small, batch: 8 }), onRequest: true },
  stepCase("resnet-18-32px-b64", { method: "moco-v3", ...resnet18, batch: 64 }),
  ...others.map((method) => stepCase(`${method}-vit-96x4-p4-32px-b32`, { method, ...mini, batch: 32 })),
  ...others.map((method) => ({ ...stepCase(`${method}-resnet-18-32px-b64`, { method, ...resnet18, batch: 64 }), onRequest: true })),
  microCase("vit-96x4-p4-32px-b512-micro-64", { method: "moco-v3", ...mini, batch: 512 }, 64),
  ...[256, 4096, 6144].map((batch) => ({
    ...microCase(`vit-192x12-p4-32px-b${batch}-micro-64`, { method: "moco-v3", ...tiny, batch }, 64),
    onRequest: true,
  })),
  augmentCase("augment-32px", 32, 32, 1),
  augmentCase("augment-32px-sharp", 32, 32, 0),
  augmentCase("augment-224px", 256, 224, 1),
  jpegCase("augment-224px-jpeg", 224),
];

/** The cases whose name has the filter in it; without one those of a plain run, or all. */
export const chosenCases = ({ only, all }: { readonly only: string | undefined; readonly all: boolean }): readonly Case[] =>
  cases.filter(({ name, onRequest = false }) => (only === undefined ? all || !onRequest : name.includes(only)));
