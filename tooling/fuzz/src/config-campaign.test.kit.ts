import { byolApp } from "@twinview/byol";
import { studyResultCodec } from "@twinview/compare";
import { type AnyCodec, decode, encode, isUserError, type Json, parseJson, renderUserError, type UserError } from "@twinview/config";
import { mocoV3App } from "@twinview/moco-v3";
import { summaryCodec } from "@twinview/report";
import { simclrApp } from "@twinview/simclr";
import { supervisedApp } from "@twinview/supervised";
import { swavApp } from "@twinview/swav";
import type { App } from "@twinview/train";
import fc from "fast-check";
import type * as E from "fp-ts/lib/Either.js";
import { mutatedConfig, override } from "./mutated-config.test.kit.ts";

const apps: readonly App[] = [mocoV3App, simclrApp, byolApp, swavApp, supervisedApp];
const around = { images: 5000, testImages: 500, classes: 10, side: 32, machineGflops: 100 };

/** Something that reads a configuration or a file of a run, with sound ones. */
interface Reader {
  readonly bases: readonly Json[];
  /** The value that was read, written again. */
  readonly read: (json: Json) => E.Either<UserError, Json>;
}

const rightOf = <A>(either: E.Either<UserError, A>): A => {
  if (either._tag === "Left") throw new Error(renderUserError(either.left));
  return either.right;
};

const appReader = (app: App): Reader => ({
  bases: app.backbones.flatMap((backbone) =>
    app.presets.map((preset) => rightOf(app.plan({ data: "x", backbone, preset, epochs: 2 }, around, [])).run.config),
  ),
  read: (json) => {
    const restored = app.restore(json, "config.json", around.images);
    return restored._tag === "Left" ? restored : { _tag: "Right", right: restored.right.config };
  },
});

const codecReader = (codec: AnyCodec, bases: readonly Json[]): Reader => ({
  bases,
  read: (json) => {
    const decoded = decode(codec, json, "file.json");
    return decoded._tag === "Left" ? decoded : { _tag: "Right", right: encode(codec, decoded.right) };
  },
});

const summary: Json = {
  ...{ method: "m", backbone: "b", dataset: "d", seed: 0, steps: 9, imagesPerSecond: 1, peakRssBytes: 1e8, loss: { first: 2, last: 1 } },
  ...{ knn: { raw: 0.1, random: 0.2, trained: 0.3, k: 20 }, stability: { spikes: 0, dips: 0, nonFinite: 0, collapse: 0 }, seconds: 3 },
};
const study: Json = {
  ...{
    id: "S1",
    title: "t",
    paper: { did: "d", found: "f", where: "w" },
    dataset: "d",
    raw: 0.5,
    images: 100,
    quick: false,
    statistic: "s",
  },
  notes: ["n"],
  settings: [
    {
      ...{ name: "n", method: "m", backbone: "b", batch: 8, set: ["a=1"], paper: 71.2, seeds: [0], knn: [0.5], untrained: [0.4] },
      ...{ finished: [true], steps: [9], curve: [{ epoch: [0, 1], knn: [0.4, 0.5] }], spikes: [0], dips: [0], falls: [0] },
    },
  ],
  measured: [{ rule: "r", decides: true, verdict: "yes", measured: "m" }],
  ...{ reproduced: "yes", seconds: 1 },
};

const readers = (): readonly Reader[] => [
  ...apps.map(appReader),
  codecReader(summaryCodec, [summary]),
  codecReader(studyResultCodec, [study]),
];

/** What a campaign of mutated configurations came to. */
export interface ConfigFigures {
  readonly tried: number;
  /** Read, and written as they had been read. */
  readonly read: number;
  /** Refused with a typed error of a few lines. */
  readonly refused: number;
}

/** A configuration is read, and its experiment put together, in less time of the processor. */
const mostMs = 5000;

const prototypes = [Object.prototype, Array.prototype, Function.prototype, String.prototype];
const keysOf = (): string => JSON.stringify(prototypes.map((one) => Reflect.ownKeys(one).map(String)));

/** The same data, where -0 is 0 as JSON writes it. */
const same = (a: Json, b: Json): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
const sorted = (json: Json): unknown => {
  if (Array.isArray(json)) return json.map(sorted);
  if (typeof json !== "object" || json === null) return json;
  return Object.entries(json)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => [key, sorted(value as Json)]);
};

const reachesPrototype = (text: string): boolean =>
  text
    .slice(0, text.indexOf("="))
    .split(/[.[\]]/)
    .some((key) => ["__proto__", "constructor", "prototype"].includes(key));

const checkRefusal = (error: UserError): void => {
  if (!isUserError(error)) throw new Error(`not a user error: ${JSON.stringify(error)}`);
  if (renderUserError(error).length > 6000) throw new Error(`an error of ${renderUserError(error).length} characters`);
};

/**
 * Reads mutated configurations of every method and backbone, mutated summaries and studies, and applies mutated overrides. Throws, with
 * the smallest case, where one neither is read and written again the same, nor refused with a short user error, or touches a prototype.
 */
export const configCampaign = (count: number, seed: number): ConfigFigures => {
  const all = readers();
  const before = keysOf();
  let [read, refused] = [0, 0];
  const judge = (found: E.Either<UserError, Json>): Json | undefined => {
    if (keysOf() !== before) throw new Error("a prototype has changed");
    if (found._tag === "Right") {
      read++;
      return found.right;
    }
    checkRefusal(found.left);
    refused++;
    return undefined;
  };
  /** A try that says, where it fails, of what. */
  const telling =
    (what: string, attempt: () => void): (() => void) =>
    () => {
      const began = process.cpuUsage();
      try {
        attempt();
        const { user, system } = process.cpuUsage(began);
        const took = (user + system) / 1000;
        if (took > mostMs) throw new Error(`it took ${took.toFixed(0)} ms`);
      } catch (thrown) {
        throw new Error(`${what.length > 1000 ? `${what.slice(0, 1000)}...` : what}: ${(thrown as Error).message}`, { cause: thrown });
      }
    };
  const files = all.map(({ bases, read: reader }) =>
    mutatedConfig(bases).map((text) =>
      telling(text, () => {
        const json = parseJson(text);
        if (json._tag === "Left") {
          refused++;
          return;
        }
        const written = judge(reader(json.right));
        if (written === undefined) return;
        if (!same(written, json.right)) throw new Error(`read as ${JSON.stringify(written)}`);
        const again = reader(JSON.parse(JSON.stringify(written)) as Json);
        if (again._tag === "Left" || !same(again.right, written)) throw new Error("what was written is not read again");
      }),
    ),
  );
  const overrides = apps.map((app) =>
    fc.array(override(appReader(app).bases), { minLength: 1, maxLength: 3 }).map((set) =>
      telling(set.join(" "), () => {
        const planned = app.plan({ data: "x", epochs: 2 }, around, set);
        const written = judge(planned._tag === "Left" ? planned : { _tag: "Right", right: planned.right.run.config });
        if (set.some(reachesPrototype) && written !== undefined) throw new Error("it was applied");
      }),
    ),
  );
  const tries = fc.oneof(
    ...files.map((arbitrary) => ({ weight: 3, arbitrary })),
    ...overrides.map((arbitrary) => ({ weight: 1, arbitrary })),
  );
  fc.assert(
    fc.property(tries, (attempt) => attempt()),
    { numRuns: count, seed, endOnFailure: true },
  );
  return { tried: count, read, refused };
};
