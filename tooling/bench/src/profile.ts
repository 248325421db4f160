import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile, writeOnnx } from "@twinview/engine";
import { initialState, stepProgram } from "@twinview/train";
import ort from "onnxruntime-node";
import { experimentOf, type StepTuning } from "./our-step.ts";
import { stepFeeds } from "./step-feeds.ts";
import type { StepConfig } from "./step-flops.ts";

/** Time of one step that a part of it takes, in milliseconds. */
export interface Share {
  readonly name: string;
  readonly milliseconds: number;
}

/** Where the time of a step goes, each list the whole step over again, the most expensive first. */
export interface Profile {
  /** Forward passes by network, backward pass, optimizer, moving average, monitors. */
  readonly passes: readonly Share[];
  /** The same by layer of the encoder and head, block numbers left out. */
  readonly layers: readonly Share[];
  /** By the runtime's operation. */
  readonly operations: readonly Share[];
}

/** One run of one node, as onnxruntime's profile has it. */
interface Event {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

const runs = 5;
const ending = "_kernel_time";

const passOf = (path: string): string => {
  const [first = "", second] = path.split("/");
  if (first === "online" || first === "target") return second === undefined ? "forward" : `forward, ${first}`;
  if (first === "gradient") return "backward";
  return first === "" ? "layout" : first.replace(/^input:.*/, "pixels");
};

const layerOf = (path: string): string => path.replace(/\d+/g, "");

const shares = (events: readonly Event[], nameOf: (event: Event) => string): readonly Share[] => {
  const sums = new Map<string, number>();
  for (const event of events) sums.set(nameOf(event), (sums.get(nameOf(event)) ?? 0) + event.dur / 1000);
  return [...sums].map(([name, milliseconds]) => ({ name, milliseconds })).sort((a, b) => b.milliseconds - a.milliseconds);
};

/** A profile from the events of `count` runs; the first run, which lays out memory, is left out. */
export const profileOf = (all: readonly Event[], count: number): Profile => {
  const kernels = all.filter(({ cat, name }) => cat === "Node" && name.endsWith(ending));
  const events = kernels.slice(Math.round(kernels.length / count)).map((event) => ({ ...event, dur: event.dur / (count - 1) }));
  const pathOf = ({ name }: Event): string => name.slice(0, -ending.length).replace(/#.*/, "");
  return {
    passes: shares(events, (event) => passOf(pathOf(event))),
    layers: shares(events, (event) => layerOf(pathOf(event))),
    operations: shares(events, ({ args }) => args?.op_name ?? "unknown"),
  };
};

/** Runs a step a few times under onnxruntime's profiler, in this process. The profiler costs some time of its own. */
export const profileStep = async (config: StepConfig, { threads, chunk }: Pick<StepTuning, "threads" | "chunk">): Promise<Profile> => {
  const experiment = experimentOf(config, chunk === undefined ? {} : { chunk });
  const state = initialState(experiment);
  const compiled = compile(stepProgram(experiment), state);
  const folder = await mkdtemp(join(tmpdir(), "twinview-profile-"));
  try {
    const session = await ort.InferenceSession.create(writeOnnx(compiled.graph), {
      executionMode: "sequential",
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
      enableProfiling: true,
      profileFilePrefix: join(folder, "profile"),
      extra: { session: { set_denormal_as_zero: "1" } },
    });
    const feeds = Object.fromEntries(
      stepFeeds(compiled, state, config).map(({ name, shape, dtype, data }) => [name, new ort.Tensor(dtype, data as never, [...shape])]),
    );
    for (let i = 0; i < runs; i++) await session.run(feeds);
    session.endProfiling();
    await session.release();
    const [file] = await readdir(folder);
    return profileOf(JSON.parse(await readFile(join(folder, file as string), "utf8")) as readonly Event[], runs);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** A list of a profile for people: milliseconds a step and percent, down to one percent. */
export const shareTable = (title: string, list: readonly Share[]): string => {
  const total = list.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const shown = list.filter(({ milliseconds }) => milliseconds >= total / 100);
  const width = Math.max(title.length, ...shown.map(({ name }) => name.length));
  const row = (name: string, milliseconds: number): string =>
    `${name.padEnd(width)}  ${milliseconds.toFixed(1).padStart(8)} ms  ${((100 * milliseconds) / total).toFixed(1).padStart(5)} %`;
  return [title, ...shown.map(({ name, milliseconds }) => row(name, milliseconds)), row("all", total)].join("\n");
};
