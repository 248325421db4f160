import { failure, orThrow, userError } from "@twinview/config";
import { type HostArray, type HostTree, leaves, ShapeError } from "@twinview/core";
import type { Engine, NonFinite, Session } from "@twinview/engine";
import type { App } from "./app.ts";
import { machineFacts } from "./environment.ts";
import type { Experiment } from "./experiment.ts";
import { type Flight, type FlightFacts, loadFlight } from "./flight.ts";
import { initialState } from "./plan.ts";
import { viewArrays, viewInput } from "./programs.ts";
import { runnerOf } from "./runner-of.ts";
import { fromGroups } from "./state-groups.ts";
import type { StepRun, StepRunner } from "./step-runner.ts";
import { appOf } from "./stored-run.ts";

export interface ReplayOptions {
  readonly path: string;
  readonly apps: Readonly<Record<string, App>>;
  /** The engine of a name that a record has. */
  readonly engineOf: (name: string) => Engine | undefined;
  /** The engine that tells where in the computation numbers stop being finite; it has programs as graphs. */
  readonly inspector: Engine;
}

/** A number of a step, as it was recorded and as it came out again; absent where a step ended before it. */
export interface Replayed {
  readonly name: string;
  readonly recorded: number | undefined;
  readonly again: number | undefined;
}

/** A step computed again. */
export interface Replay {
  readonly facts: FlightFacts;
  readonly method: string;
  /** Its numbers, in the order of the network: loss, embeddings, activations, gradients. */
  readonly numbers: readonly Replayed[];
  /** Whether every number has the bits that were recorded. */
  readonly identical: boolean;
  /** What differs between this machine and the one that recorded it, as `name: before -> now`. */
  readonly elsewhere: readonly string[];
  /** Parameters and other leaves of the state before the step that are not finite already. */
  readonly badState: readonly string[];
  /** Values inside the step that are not finite, in the order of the computation. */
  readonly places: readonly (NonFinite & { readonly program: string })[];
}

const misfit = (path: string, what: string) =>
  failure(
    userError("checkpoint", `the recorded step does not fit the experiment of its configuration: ${what}`, {
      where: path,
      fix: "compute it again with the version of twinview that recorded it",
    }),
  );

/** The experiment and the state that a record holds, fitted to each other. */
const restored = ({ facts, groups, views }: Flight, { path, apps }: ReplayOptions) => {
  const app = appOf(apps, facts.config, path);
  const { experiment } = orThrow(app.restore(facts.config, path, facts.images));
  try {
    const state = fromGroups(initialState(experiment), groups);
    const bytes = experiment.views.map((_, i) => (views.get(viewInput(i)) ?? { data: new Uint8Array(0) }).data as Uint8Array);
    const specs = experiment.given?.specs ?? {};
    const wanted = { ...viewArrays(experiment, bytes, 0, experiment.batch), ...specs };
    for (const [name, { shape }] of Object.entries(wanted))
      if (views.get(name)?.shape.join() !== shape.join())
        throw misfit(path, `${name} is [${views.get(name)?.shape.join(", ") ?? ""}], expected [${shape.join(", ")}]`);
    const given = Object.fromEntries(Object.keys(specs).map((name) => [name, views.get(name) as HostArray]));
    return { method: app.method, experiment, state, bytes, given };
  } catch (error) {
    if (error instanceof ShapeError) throw misfit(path, error.message);
    throw error;
  }
};

const opened = async <R>(
  engine: Engine,
  { experiment, state, threads }: { readonly experiment: Experiment; readonly state: HostTree; readonly threads: number },
  use: (session: Session, runner: StepRunner) => Promise<R>,
): Promise<R> => {
  const runner = runnerOf(experiment);
  const session = await engine.open({ state, scratch: runner.scratch, compact: runner.compact, programs: runner.programs, threads });
  try {
    return await use(session, runner);
  } finally {
    await session.close();
  }
};

/** A session that looks into every program before it runs it. */
const lookingInto = (session: Session, found: (program: string, places: readonly NonFinite[]) => void): Session => ({
  ...session,
  run: async (name, inputs) => {
    found(name, (await session.nonFinite?.(name, inputs)) ?? []);
    return session.run(name, inputs);
  },
});

const differing = (before: Readonly<Record<string, string>>, now: Readonly<Record<string, string>>): readonly string[] =>
  Object.keys(now).flatMap((name) => (before[name] === now[name] ? [] : [`${name}: ${before[name] ?? "unknown"} -> ${now[name]}`]));

/**
 * Computes a recorded step again, from nothing but the record: the same engine, threads, state, pixels and scalars. Then looks for the
 * first values that are not finite. Throws a user error where the record is damaged, foreign, or of an experiment that has changed.
 */
export const replay = async (options: ReplayOptions): Promise<Replay> => {
  const { path, engineOf, inspector } = options;
  const flight = await loadFlight(path);
  const { facts } = flight;
  const engine = engineOf(facts.engine);
  if (engine === undefined)
    throw failure(
      userError("checkpoint", "the step was computed by an engine that this version does not have", { where: path, got: facts.engine }),
    );
  const { method, experiment, state, bytes, given } = restored(flight, options);
  const feed = { views: bytes, hyper: facts.hyper, given };
  const place = { experiment, state, threads: facts.threads };
  const again = (await opened(engine, place, (session, runner) => runner.run(session, feed))) as StepRun; // nothing asks it to stop
  const places: (NonFinite & { readonly program: string })[] = [];
  if (!again.committed)
    await opened(inspector, place, (session, runner) =>
      runner.run(
        lookingInto(session, (program, found) => places.push(...found.map((each) => ({ ...each, program })))),
        feed,
      ),
    );
  const names = [...new Set([...Object.keys(again.scalars), ...Object.keys(facts.scalars)])];
  const numbers = names.map((name): Replayed => ({ name, recorded: facts.scalars[name], again: again.scalars[name] }));
  return {
    facts,
    method,
    numbers,
    identical: numbers.every(({ recorded, again: now }) => Object.is(recorded, now)),
    elsewhere: differing(facts.machine, machineFacts()),
    badState: leaves<HostArray>(state).flatMap(([name, { data }]) => (data.every((x) => Number.isFinite(x)) ? [] : [name])),
    places,
  };
};
