// The process that computes: a runner of ONNX models over a memory of its own. onnxruntime blocks its thread during a run, and
// killing a thread inside a run aborts the process, so it has a process whose only thread it is.
import ort from "onnxruntime-node";
import type { ChildProgram, Data, Feed, Place, Reply, Request, RuntimeOptions, Target } from "./protocol.ts";

interface Loaded {
  readonly session: ort.InferenceSession;
  readonly feeds: readonly Feed[];
  readonly targets: readonly Target[];
  /** Inputs that are single numbers. */
  readonly scalars: readonly string[];
}

/** Written buffers exist twice: a run reads one copy and writes the other, and only a good run makes the new one current. */
interface Memory {
  current: Float32Array[];
  next: Float32Array[];
}

let runtime: RuntimeOptions = { device: "cpu", threads: 1, spinning: false, memoryPattern: true };
const memory: Memory = { current: [], next: [] };
const programs = new Map<string, Loaded>();

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

const at = (buffers: readonly Float32Array[], { buffer, offset, shape }: Place): ort.Tensor =>
  new ort.Tensor("float32", (buffers[buffer] as Float32Array).subarray(offset, offset + sizeOf(shape)), [...shape]);

const compile = async (program: ChildProgram): Promise<void> => {
  const session = await ort.InferenceSession.create(program.model, {
    executionProviders: [runtime.device], // what it cannot compute goes to the processor
    graphOptimizationLevel: program.rewritten ? "all" : "disabled",
    executionMode: "sequential",
    intraOpNumThreads: runtime.threads,
    interOpNumThreads: 1,
    enableMemPattern: runtime.memoryPattern,
    logSeverityLevel: 3,
    extra: { session: { set_denormal_as_zero: "1", intra_op: { allow_spinning: runtime.spinning ? "1" : "0" } } },
  });
  const { name, feeds, targets } = program;
  const scalars = feeds.flatMap((feed) => (feed.from === "input" && feed.shape.length === 0 ? [feed.input] : []));
  programs.set(name, { session, feeds, targets, scalars });
};

const finite = (data: Data): boolean => !(data instanceof Float32Array) || data.every((x) => Number.isFinite(x));

const run = async (name: string, inputs: Readonly<Record<string, Data>>): Promise<Reply> => {
  const program = programs.get(name);
  if (program === undefined) return { kind: "failed", message: `no program named ${name}` };
  const feeds = program.feeds.map((feed) => {
    if (feed.from === "state") return [feed.name, at(memory.current, feed)] as const;
    return [feed.name, new ort.Tensor(feed.dtype, inputs[feed.input] as never, [...feed.shape])] as const;
  });
  const targets = program.targets.map((target) => [target.name, target.to === "state" ? at(memory.next, target) : null] as const);
  const started = performance.now();
  const results = await program.session.run(Object.fromEntries(feeds), Object.fromEntries(targets));
  const seconds = (performance.now() - started) / 1000;
  const given = program.targets.filter((target) => target.to === "output");
  const outputs = Object.fromEntries(
    given.map(({ name: key }) => [key, { shape: results[key]?.dims ?? [], data: results[key]?.data as Data }]),
  );
  const committed =
    program.scalars.every((key) => finite(inputs[key] as Data)) && (outputs.scalars === undefined || finite(outputs.scalars.data));
  if (committed) {
    const written = new Set(program.targets.flatMap((target) => (target.to === "state" ? [target.buffer] : [])));
    for (const buffer of written) {
      const fresh = memory.next[buffer] as Float32Array;
      memory.next[buffer] = memory.current[buffer] as Float32Array;
      memory.current[buffer] = fresh;
    }
  }
  return { kind: "ran", outputs, committed, seconds, peakRssBytes: process.resourceUsage().maxRSS * 1024 };
};

const close = async (): Promise<void> => {
  for (const { session } of programs.values()) await session.release();
  programs.clear();
};

const answer = async (request: Request): Promise<Reply> => {
  switch (request.kind) {
    case "open":
      runtime = request.runtime;
      if (runtime.device !== "cpu") ort.env.logLevel = "fatal"; // that a device is not there is the parent's to tell
      memory.current = request.sizes.map((size) => new Float32Array(size));
      memory.next = request.sizes.map((size, i) => (request.written[i] ? new Float32Array(size) : (memory.current[i] as Float32Array)));
      return { kind: "done" };
    case "providers":
      return { kind: "providers", providers: ort.listSupportedBackends().map(({ name, bundled }) => ({ name, bundled })) };
    case "write":
      (memory.current[request.buffer] as Float32Array).set(request.data);
      return { kind: "done" };
    case "compile":
      await compile(request.program);
      return { kind: "done" };
    case "run":
      return run(request.program, request.inputs);
    case "read":
      return { kind: "data", data: memory.current[request.buffer] as Float32Array };
    case "close":
      await close();
      return { kind: "done" };
  }
};

process.on("message", (request: Request) => {
  answer(request)
    .catch((error: unknown): Reply => ({ kind: "failed", message: error instanceof Error ? error.message : String(error) }))
    .then((reply) => {
      process.send?.(reply);
      if (request.kind === "close") process.disconnect();
    });
});
// Signals of the terminal reach the whole group; the parent decides when to stop, and this process ends with its channel.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
