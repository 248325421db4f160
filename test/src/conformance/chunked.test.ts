import { evaluate, type HostArray, type HostTree, leaves, rngOf, ShapeError, type Tensor, type Tree } from "@twinview/core";
import { type Engine, referenceEngine, type Session } from "@twinview/engine";
import { mocoV3, type TrainingStep, trainingStep } from "@twinview/methods";
import { sgd } from "@twinview/optim";
import { expectClose } from "@twinview/testkit";
import { type Experiment, runnerOf, type StepFeed, type StepRun } from "@twinview/train";
import { vit } from "@twinview/vit";
import { describe, expect, test } from "vitest";
import { engines } from "../tables/engines.ts";
import { batch, type MethodRow, methods, side } from "../tables/methods.ts";
import { smallest } from "../tables/modules.ts";
import { drawnPictures, expectState, shaken } from "./trees.ts";

const hyperOf = (row: MethodRow, step: TrainingStep<string>): Readonly<Record<string, number>> =>
  Object.fromEntries(step.hyper.map((name) => [name, { lr: 0.02, wd: 0.1, ...row.hyper }[name as "lr"]]));

const experimentOf = (row: MethodRow, step: TrainingStep<string>, microBatch: number): Experiment => ({
  method: row.name,
  encoder: row.encoder,
  step,
  schedules: Object.fromEntries(Object.entries(hyperOf(row, step)).map(([name, value]) => [name, () => value])),
  views: row.views,
  hasTarget: row.hasTarget,
  seed: 4,
  image: side,
  batch,
  microBatch,
  steps: 2,
});

interface Stepped {
  readonly state: HostTree;
  readonly ran: StepRun;
}

const firstState = ({ step }: Experiment): HostTree =>
  shaken(
    evaluate(() => step.init(rngOf(4)) as unknown as Tree<Tensor>),
    (path) => /^(online|target)\//.test(path),
  );

const open = (engine: Engine, experiment: Experiment, state: HostTree): Promise<Session> => {
  const { scratch, programs } = runnerOf(experiment);
  return engine.open({ state, scratch, programs, threads: 1 });
};

const feedOf = (row: MethodRow, step: TrainingStep<string>, at: number): StepFeed => ({
  views: row.views.map(({ size }, view) => drawnPictures(batch, size, { seed: 7 + at, view }).data as Uint8Array),
  hyper: hyperOf(row, step),
});

/** The state and the numbers after each of two steps. */
const twoSteps = async (engine: Engine, experiment: Experiment, row: MethodRow): Promise<readonly Stepped[]> => {
  const session = await open(engine, experiment, firstState(experiment));
  const after: Stepped[] = [];
  for (const at of [0, 1]) {
    const ran = (await runnerOf(experiment).run(session, feedOf(row, experiment.step, at))) as StepRun;
    after.push({ state: await session.read(), ran });
  }
  await session.close();
  return after;
};

/** Numbers of layers' outputs are those of the first images only, and how many these are depends on the micro-batch. */
const comparable = ({ scalars }: StepRun): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(scalars).filter(([name]) => !name.startsWith("activation/")));

describe.each([referenceEngine(), ...engines])("on the $name engine", (engine) => {
  describe.each(methods.filter(({ encoder }) => !encoder.mixesImages))("$name", (row) => {
    const step = row.step({ chunk: 4 });
    const whole = twoSteps(engine, experimentOf(row, step, batch), row);

    test.each([2, 3])("in micro-batches of %i takes the same steps as at once", async (microBatch) => {
      const found = await twoSteps(engine, experimentOf(row, step, microBatch), row);
      for (const [i, { state, ran }] of (await whole).entries()) {
        // the velocities of plain descent are the gradients: each leaf good to 1e-4 of its largest number, the second step on top of the first
        const ofLargest = i === 0 ? 1e-4 : 3e-4;
        expectState(found[i]?.state as HostTree, state, { ofLargest, absolute: ofLargest / 100 });
        const [numbers, own] = [comparable(ran), comparable(found[i]?.ran as StepRun)];
        expect(Object.keys(own).sort()).toEqual(Object.keys(numbers).sort());
        for (const [name, x] of Object.entries(numbers)) expectClose(own[name] as number, x, { name, relative: 3e-4, absolute: 1e-5 });
        expect(found[i]?.ran.committed).toBe(true);
      }
    });
  });
});

const named = (part: string): MethodRow => methods.find(({ name }) => name.includes(part)) as MethodRow;

describe.each([referenceEngine(), ...engines])("on the $name engine a step in micro-batches", (engine) => {
  const row = named("queue"); // carries a queue from step to step
  const experiment = experimentOf(row, row.step(), 3);
  const runner = runnerOf(experiment);
  const feed = (at: number): StepFeed => feedOf(row, experiment.step, at);

  test("that is broken off, or is not finite, leaves the state as it was and no trace in the next step", async () => {
    const straight = await twoSteps(engine, experiment, row);
    const session = await open(engine, experiment, firstState(experiment));
    await runner.run(session, feed(0));
    for (const runs of [0, 1, 2, 3]) {
      let asked = 0;
      expect(await runner.run(session, { ...feed(5), shouldStop: () => asked++ === runs })).toBeUndefined();
    }
    const bad = (await runner.run(session, { ...feed(1), hyper: { ...feed(1).hyper, lr: Number.NaN } })) as StepRun;
    expect(bad.committed).toBe(false); // at the program that reads the rate, or at the first, which is fed it too
    expect(await session.read()).toEqual(straight[0]?.state);
    const { committed, scalars } = (await runner.run(session, feed(1))) as StepRun;
    expect([committed, scalars]).toEqual([true, straight[1]?.ran.scalars]);
    expect(await session.read()).toEqual(straight[1]?.state);
    await session.close();
  });

  test("goes on bit-equal from a state that was read out", async () => {
    const [first, second] = (await twoSteps(engine, experiment, row)) as readonly [Stepped, Stepped];
    const session = await open(engine, experiment, first.state);
    const { scalars } = (await runner.run(session, feed(1))) as StepRun;
    expect(scalars).toEqual(second.ran.scalars);
    expect(await session.read()).toEqual(second.state);
    await session.close();
  });
});

describe("an encoder with batch norm", () => {
  const encoder = vit({ size: smallest, patch: 4, image: side, readout: "average", mlpNorm: "batch" });
  const method = mocoV3({ hidden: 12, out: 6 });
  const row = methods[0] as MethodRow;
  const stepOf = (statisticsChunk?: number) =>
    trainingStep({
      encoder,
      method,
      optimizer: sgd({ momentum: 0 }),
      ...(statisticsChunk === undefined ? {} : { statisticsChunk }),
    }) as unknown as TrainingStep<string>;
  const [micro, whole] = [experimentOf(row, stepOf(), 3), experimentOf(row, stepOf(3), batch)];

  /** Three pictures, twice in each view: every micro-batch moves the running statistics alike, in whatever order. */
  const alike = (): StepFeed => {
    const three = drawnPictures(3, side, { seed: 9, view: 0 }).data as Uint8Array;
    const six = Uint8Array.from([...three, ...three]);
    return { views: [six, six], hyper: hyperOf(row, micro.step) };
  };

  test.each([
    { what: "other pictures everywhere", feed: () => feedOf(row, micro.step, 0), statistics: false },
    { what: "the same pictures everywhere", feed: alike, statistics: true },
  ])("sees each micro-batch as a batch of its own: $what", async ({ feed, statistics }) => {
    const after = async (experiment: Experiment): Promise<ReadonlyMap<string, HostArray>> => {
      const session = await open(referenceEngine(), experiment, firstState(experiment));
      await runnerOf(experiment).run(session, feed());
      const state = await session.read();
      await session.close();
      return new Map(leaves<HostArray>(state).filter(([path]) => path.startsWith("statistics/") === statistics));
    };
    const [expected, found] = [await after(whole), await after(micro)];
    expect(expected.size).toBeGreaterThan(0);
    for (const [path, leaf] of expected) expectClose(found.get(path) as HostArray, leaf, { name: path, ofLargest: 1e-4, absolute: 1e-6 });
  });
});

test("a micro-batch that does not divide the batch is refused", () => {
  expect(() => runnerOf(experimentOf(named("byol"), named("byol").step(), 4))).toThrow(
    new ShapeError("chunkedRunner: microBatch is 4, expected a divisor of the batch, 6"),
  );
});
