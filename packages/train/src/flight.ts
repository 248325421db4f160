import { join } from "node:path";
import { type Checkpoint, loadCheckpoint, removeStep, saveCheckpoint, stepsIn } from "@twinview/checkpoint";
import {
  anyNumber,
  array,
  choice,
  closed,
  decode,
  failure,
  type Json,
  json,
  natural,
  orThrow,
  positiveInt,
  record,
  type TypeOf,
  text,
  unwrap,
  userError,
} from "@twinview/config";
import type { HostArray, HostTree } from "@twinview/core";
import * as E from "fp-ts/lib/Either.js";
import { type Groups, toGroups } from "./state-groups.ts";

/** How many recorded steps a run keeps: the newest. */
const kept = 5;

const format = "twinview-flight";

const flightCodec = closed("a recorded step", {
  format: choice([format]),
  /** The step that was not taken, from 0, and the batch that it saw. */
  step: natural,
  batch: natural,
  /** Training images of the data: with the configuration they fix the experiment. */
  images: positiveInt,
  config: json,
  engine: text,
  threads: positiveInt,
  /** Versions and processor of the machine. */
  machine: record(text),
  hyper: record(anyNumber),
  /** The numbers that the step gave, up to the ones that are not finite, and the names of those. */
  scalars: record(anyNumber),
  nonFinite: array(text),
});

/** What is known of a recorded step beside its tensors. */
export type FlightFacts = Omit<TypeOf<typeof flightCodec>, "format">;

/** A step with all it takes to compute it again: the training state before it, the pixels of its views, its scalars. */
export interface Flight {
  readonly facts: FlightFacts;
  /** The training state before the step, as the files of a checkpoint. */
  readonly groups: Groups;
  /** Bytes `[B, S, S, 3]`, and what else the step was given for its images, by the names of its inputs. */
  readonly views: ReadonlyMap<string, HostArray>;
}

/** Writes a step that was not taken, whole or not at all, into `flight/step-000123`, and deletes all but the newest five. Gives its path. */
export const saveFlight = async (
  runDir: string,
  { facts, state, views }: { readonly facts: FlightFacts; readonly state: HostTree; readonly views: Readonly<Record<string, HostArray>> },
): Promise<string> => {
  // the bytes of views lie in memory that is shared with the loader's threads; files are written from memory of one's own
  const own = Object.entries(views).map(([name, view]) => [name, { ...view, data: view.data.slice() }] as const);
  const path = await unwrap(
    saveCheckpoint({
      runDir,
      folder: "flight",
      step: facts.step,
      groups: { ...toGroups(state), views: new Map(own) },
      progress: flightCodec.encode({ format, ...facts }) as Json,
    }),
  );
  for (const old of (await stepsIn(runDir, undefined, "flight")).slice(kept)) await removeStep(runDir, old, undefined, "flight");
  return path;
};

const formatOf = ({ progress }: Checkpoint): unknown => (progress as { readonly format?: unknown } | null)?.format;

/** Reads a recorded step. Throws a user error where there is none, where it is damaged, and where the folder holds something else. */
export const loadFlight = async (path: string): Promise<Flight> => {
  const expected = "the folder of a step that was not finite, such as RUN/flight/step-000123";
  const loaded = await loadCheckpoint(path)();
  if (E.isLeft(loaded)) throw failure({ ...loaded.left, expected: loaded.left.expected ?? expected });
  if (formatOf(loaded.right) !== format) throw failure(userError("checkpoint", "this is not a recorded step", { where: path, expected }));
  const { format: _, ...facts } = orThrow(decode(flightCodec, loaded.right.progress, join(path, "progress.json")));
  const { views = new Map<string, HostArray>(), ...groups } = loaded.right.groups;
  return { facts, groups, views };
};
