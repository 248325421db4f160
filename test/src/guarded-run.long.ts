import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HostArray, type HostTree, mapTree } from "@twinview/core";
import { type Engine, onnxEngine } from "@twinview/engine";
import { initialState } from "@twinview/train";
import { afterAll, describe, expect, it } from "vitest";
import { errorOf, linesOf, planned, replayed, steps, trainIn } from "./guarded-run.ts";

const scratch = mkdtempSync(join(tmpdir(), "twinview-non-finite-"));
const at = (...names: readonly string[]): string => join(scratch, ...names);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const metricsOf = (run: string) => linesOf(at(run, "metrics.jsonl"));
const weightsAt = (run: string, step: number, file = "online"): string =>
  readFileSync(at(run, "checkpoints", `step-${String(step).padStart(6, "0")}`, `${file}.safetensors`)).toString("base64");

/** As if the process were killed when an event is told for the nth time. */
const killedAt = (isIt: (event: { readonly kind: string; readonly step?: number }) => boolean, nth = 1) => {
  let seen = 0;
  return (event: object): void => {
    if (isIt(event as never) && ++seen === nth) throw new Error("killed");
  };
};

describe("a step that is not finite", () => {
  it("is replayed in micro-batches too, and from a weight that was infinite before", async () => {
    const run = planned(["microBatch=4"]);
    const { online, statistics } = initialState(run.experiment) as unknown as {
      readonly online: { readonly encoder: HostTree };
      readonly statistics: { readonly online: HostTree };
    };
    const params = mapTree<HostArray, HostArray>(
      (leaf, path) =>
        path === "blocks/block01/mlp/fc1/w" ? { ...leaf, data: Float32Array.from(leaf.data).fill(Number.POSITIVE_INFINITY, 5, 6) } : leaf,
      online.encoder,
    );
    const start = async () => ({ params, state: statistics.online });
    const error = await errorOf(trainIn(at("micro"), run, { start }));
    expect(error.what).toBe("training stopped at step 1: activation/block01 is not finite");
    const found = await replayed(at("micro", "flight", "step-000000"));
    const path = "online/encoder/blocks/block01/mlp/fc1/w";
    expect([found.identical, found.badState.includes(path)]).toEqual([true, true]);
    expect(found.places[0]).toMatchObject({ program: "step/features", path: `state:${path}`, op: "input" });
    expect(found.places.find(({ path: place, op }) => op !== "input" && place.includes("block0"))?.path).toContain("block01/mlp");
  });
});

describe("a run that skips", () => {
  const run = () => planned(["onNonFinite=skip"], (step) => [2, 3, 4, 9].includes(step));

  it("leaves those steps out with the state as it was, counts them, and ends", async () => {
    const { outcome, events } = await trainIn(at("skip"), run());
    expect(outcome.kind === "finished" && outcome.summary.stability.nonFinite).toBe(4);
    const faults = metricsOf("skip").filter(({ kind }) => kind === "non-finite");
    expect(faults.map(({ step, action }) => [step, action])).toEqual([2, 3, 4, 9].map((step) => [step, "skip"]));
    expect(events.filter(({ kind }) => kind === "non-finite")).toHaveLength(4);
    const counted = metricsOf("skip").filter(({ kind }) => kind === "step");
    expect(counted.map(({ step }) => step)).toEqual(Array.from({ length: steps }, (_, i) => i).filter((i) => ![2, 3, 4, 9].includes(i)));
    expect(readdirSync(at("skip", "flight"))).toEqual(["step-000002", "step-000003", "step-000004", "step-000009"]);
    const stateBefore = (step: number) => readFileSync(at("skip", "flight", `step-00000${step}`, "online.safetensors")).toString("base64");
    expect([stateBefore(3), stateBefore(4)]).toEqual([stateBefore(2), stateBefore(2)]);
    expect(stateBefore(9)).not.toBe(stateBefore(2));
    expect(readFileSync(at("skip", "report.html"), "utf8")).toContain("Step 3 was not finite:");
  });

  it.each([3, 4, 10])("killed after step %i and resumed, it is the same run", async (last) => {
    const name = `skip-killed-${last}`;
    const isIt = ({ kind, step }: { readonly kind: string; readonly step?: number }): boolean =>
      (kind === "step" || kind === "non-finite") && step === last;
    await expect(trainIn(at(name), run(), { onEvent: killedAt(isIt) })).rejects.toThrow("killed");
    await trainIn(at(name), run());
    expect(metricsOf(name)).toEqual(metricsOf("skip"));
    expect(weightsAt(name, steps)).toBe(weightsAt("skip", steps));
  });

  it("stops at the fifth step in a row, and again when it is resumed", async () => {
    const bad = () => planned(["onNonFinite=skip"], (step) => step >= 5);
    const error = await errorOf(trainIn(at("row"), bad()));
    expect(error.what).toBe("training stopped at step 10: updateRatio/encoder/patch/w is not finite, the 5th step in a row");
    expect(readdirSync(at("row", "flight"))).toEqual([5, 6, 7, 8, 9].map((step) => `step-00000${step}`));
    expect((await errorOf(trainIn(at("row"), bad()))).what).toBe(error.what);
  });
});

/** An engine that spoils the rate of steps that see one of the batches, told apart by their bytes; it tells which were seen, by number. */
const spoiling = (known: readonly string[], bad: readonly number[]) => {
  const seen: number[] = [];
  const inner = onnxEngine({ spinning: false });
  const engine: Engine = {
    ...inner,
    open: async (options) => {
      const session = await inner.open(options);
      return {
        ...session,
        run: (name, inputs) => {
          if ((name as string) !== "step") return session.run(name, inputs);
          const batch = known.indexOf(keyOf((inputs.view0 as HostArray).data as Uint8Array));
          seen.push(batch);
          return session.run(
            name,
            bad.includes(batch) ? { ...inputs, lr: { ...(inputs.lr as HostArray), data: Float32Array.of(Number.NaN) } } : inputs,
          );
        },
      };
    },
  };
  return { engine, seen };
};
const keyOf = (bytes: Uint8Array): string => Buffer.from(bytes.slice(0, 600)).toString("base64");

describe("a run that rolls back", () => {
  const run = (epochs: number) => ({ ...planned(["onNonFinite=roll-back", `epochs=${epochs}`]) });
  const known: string[] = [];
  const longer = 3;

  it("knows its batches", async () => {
    const { engine, seen } = spoiling([], []);
    const noting: Engine = {
      ...engine,
      open: async (options) => {
        const session = await engine.open(options);
        return {
          ...session,
          run: (name, inputs) => {
            if ((name as string) === "step") known.push(keyOf((inputs.view0 as HostArray).data as Uint8Array));
            return session.run(name, inputs);
          },
        };
      },
    };
    await trainIn(at("known"), run(longer), { engine: noting });
    expect([new Set(known).size, seen.length]).toEqual([24, 24]);
  });

  const bad = [7, 17];
  // step 7 fails: back to 6, batches 6 and 7 passed over; batch 17 comes at step 15: back to the checkpoint at 15
  const expected = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19];

  const settings = () => run(2); // sixteen steps

  it("goes back to the last regular checkpoint and on with the batches after the one that failed", async () => {
    const { engine, seen } = spoiling(known, bad);
    const { outcome, events } = await trainIn(at("back"), settings(), { engine });
    expect(seen.slice(0, 18)).toEqual(expected.slice(0, 18));
    expect(seen.slice(18)).toEqual([18]);
    expect(outcome.kind === "finished" && [outcome.summary.stability.nonFinite, outcome.summary.steps]).toEqual([2, steps]);
    const faults = metricsOf("back").filter(({ kind }) => kind === "non-finite");
    expect(faults.map(({ step, from, action }) => [step, from, action])).toEqual([
      [6, 7, "roll-back"],
      [15, 15, "roll-back"],
    ]);
    expect(events.filter(({ kind }) => kind === "non-finite")).toHaveLength(2);
    expect(
      metricsOf("back")
        .filter(({ kind }) => kind === "step")
        .map(({ step }) => step),
    ).toEqual(Array.from({ length: steps }, (_, i) => i));
  });

  const moments: readonly (readonly [string, (event: { readonly kind: string; readonly step?: number }) => boolean, number])[] = [
    ["just after it went back", ({ kind }) => kind === "non-finite", 1],
    ["one step after it went back", ({ kind, step }) => kind === "step" && step === 6, 2],
    ["after the next checkpoint", ({ kind, step }) => kind === "step" && step === 10, 1],
  ];
  it.each(moments)("killed %s and resumed, it is the same run", async (name, isIt, nth) => {
    const { engine } = spoiling(known, bad);
    await expect(trainIn(at(name), settings(), { engine, onEvent: killedAt(isIt, nth) })).rejects.toThrow("killed");
    await trainIn(at(name), settings(), { engine });
    expect(metricsOf(name)).toEqual(metricsOf("back"));
    for (const file of ["online", "optimizer"]) expect(weightsAt(name, steps, file)).toBe(weightsAt("back", steps, file));
  });

  it("stopped at a step of its own, where it leaves a checkpoint, it goes back no less far", async () => {
    const { engine } = spoiling(known, bad);
    let told = -1;
    const onEvent = (event: { readonly kind: string; readonly step?: number }): void => {
      if (event.kind === "step") told = event.step ?? -1;
    };
    const first = await trainIn(at("stopped"), settings(), { engine, onEvent, shouldStop: () => told === 6 });
    expect(first.outcome).toMatchObject({ kind: "stopped", nextStep: 7 });
    await trainIn(at("stopped"), settings(), { engine });
    expect(metricsOf("stopped")).toEqual(metricsOf("back"));
    expect(weightsAt("stopped", steps)).toBe(weightsAt("back", steps));
  });

  it("ends after five returns to the same checkpoint, and ends again when it is resumed", async () => {
    const never = () => planned(["onNonFinite=roll-back"], (step) => step === 4);
    const error = await errorOf(trainIn(at("never"), never()));
    expect(error.what).toBe(
      "training stopped at step 5: updateRatio/encoder/patch/w is not finite, after 5 returns to the checkpoint before it",
    );
    expect((await errorOf(trainIn(at("never"), never()))).what).toBe(error.what);
  });
});
