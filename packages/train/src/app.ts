import { applyOverrides, type Codec, decode, encode, type Json, suggestion, type UserError, userError } from "@twinview/config";
import { ShapeError } from "@twinview/core";
import { shareCount } from "@twinview/data";
import * as E from "fp-ts/lib/Either.js";
import type { Experiment } from "./experiment.ts";
import type { OnNonFinite } from "./on-non-finite.ts";

/** What is known about the data and the machine when a run is set up. */
export interface Surroundings {
  readonly images: number;
  readonly testImages: number;
  /** Classes of the training images; absent where they have no labels. */
  readonly classes?: number | undefined;
  /** Typical shorter side of the images, in pixels. */
  readonly side: number;
  /** The machine's matrix-product speed in billions of floating-point operations per second. */
  readonly machineGflops: number;
  /** Speed of the run's own step, where it was measured. */
  readonly imagesPerSecond?: number | undefined;
}

/** What the user asked for; everything else is chosen. */
export interface Wishes {
  readonly data: string;
  readonly preset?: string | undefined;
  readonly backbone?: string | undefined;
  readonly seed?: number | undefined;
  readonly epochs?: number | undefined;
  readonly minutes?: number | undefined;
  readonly batch?: number | undefined;
  /** Images a micro-batch, and why so many; at most the batch. */
  readonly microBatch?: { readonly value: number; readonly reason: string } | undefined;
  readonly freezePatch?: boolean | undefined;
  /** Share of the training images that is trained on; all of them when absent. */
  readonly share?: number | undefined;
  readonly onNonFinite?: OnNonFinite | undefined;
  /** The file whose weights the encoder starts from, and its SHA-256. */
  readonly initFrom?: { readonly file: string; readonly sha256: string } | undefined;
}

/** How a run is watched and kept, beside what is trained. */
export interface RunSettings {
  readonly knn: {
    readonly everyEpochs: number;
    readonly bank: number;
    readonly queries: number;
    readonly finalBank: number;
    readonly finalQueries: number;
  };
  readonly checkpoint: { readonly everySteps: number; readonly keep: number };
  /** Share of the training images that is trained on; all of them when absent. */
  readonly share?: number;
  /** What to do where a step is not finite; stop when absent. */
  readonly onNonFinite?: OnNonFinite;
}

/** A run that is set up: what is trained, how it is watched, and the configuration both come from. */
export interface PlannedRun extends RunSettings {
  readonly method: string;
  readonly backbone: string;
  readonly data: string;
  /** As written to config.json. */
  readonly config: Json;
  readonly experiment: Experiment;
}

/** One method as an application: how a run is set up from wishes, and from the configuration of an earlier one. */
export interface App {
  readonly method: string;
  readonly summary: string;
  /** Whether it learns from labels. */
  readonly labelled?: true;
  readonly presets: readonly string[];
  readonly backbones: readonly string[];
  /** Chooses what is not wished for, then applies `--set` overrides; `reasons` has a sentence for each choice. */
  readonly plan: (
    wishes: Wishes,
    around: Surroundings,
    overrides: readonly string[],
  ) => E.Either<UserError, { readonly run: PlannedRun; readonly reasons: readonly string[] }>;
  /** A run from its config.json; `where` names the file in errors. */
  readonly restore: (config: Json, where: string, images: number) => E.Either<UserError, PlannedRun>;
}

/** What an app writes down itself. */
export interface AppOptions<C> {
  readonly method: string;
  readonly summary: string;
  /** Whether it learns from labels: data without them are refused. */
  readonly labelled?: true;
  readonly codec: Codec<C>;
  readonly presets: readonly string[];
  readonly backbones: readonly string[];
  readonly resolve: (wishes: Wishes, around: Surroundings) => { readonly config: C; readonly reasons: readonly string[] };
  readonly experiment: (config: C, data: { readonly images: number }) => Experiment;
  /** The name of the configuration's backbone in tables. */
  readonly backboneName: (config: C) => string;
}

const sizeFix = "change --backbone, or the sizes by --set image=.. or --set backbone.patch=..";

const hasPath = (config: Json | undefined, path: string): boolean => {
  let at: unknown = config;
  for (const key of path.split(".")) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return false;
    at = (at as Readonly<Record<string, unknown>>)[key];
  }
  return at !== undefined;
};

/** What to change: the field of the configuration that the wrong option is, where there is one, else the sizes. */
const fixOf = ({ option }: ShapeError, config: Json): string => {
  const names = option === undefined ? [] : [option.name, `${option.where}.${option.name}`];
  const field = names.find((name) => hasPath(config, name));
  return field === undefined ? sizeFix : `choose another by --set ${field}=..`;
};

/** Whether sizes fit together, before anything is written: errors of the numeric code become user errors with a fix. */
const composed = (compose: () => Experiment, config: Json, images: number): E.Either<UserError, Experiment> => {
  try {
    const experiment = compose();
    if (experiment.batch <= images) return E.right(experiment);
    const fitting = Math.max(2, 2 ** Math.floor(Math.log2(Math.max(2, images / 4))));
    const what = "the batch is larger than the data";
    const got = `${experiment.batch} images a step`;
    const expected = `at most ${images}, the number of images`;
    return E.left(userError("config", what, { where: "--batch", got, expected, fix: `--batch ${fitting}` }));
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    return E.left(userError("config", error.message, { fix: fixOf(error, config) }));
  }
};

const unknownName = (what: string, name: string | undefined, known: readonly string[]): UserError | undefined => {
  if (name === undefined || known.includes(name)) return undefined;
  const fix = suggestion(name, known);
  const details = { where: `--${what}`, expected: `one of ${known.join(", ")}`, ...(fix === undefined ? {} : { fix }) };
  return userError("config", `unknown ${what} ${JSON.stringify(name)}`, details);
};

const withoutLabels = (method: string, data: string): UserError =>
  userError("data-classes", `${method} learns from labels, and the images have none`, {
    where: `--data ${data}`,
    expected: "a folder of images for each class, or a data set with labels",
    fix: "the other methods need no labels",
  });

/** Makes an app of a method's configuration, the way it is chosen, and the experiment it stands for. */
export const defineApp = <C extends RunSettings & { readonly data: string }>(options: AppOptions<C>): App => {
  const { method, summary, codec, presets, backbones } = options;
  const planned = (config: C, images: number): E.Either<UserError, PlannedRun> => {
    const { data, knn, checkpoint, share, onNonFinite = "stop" } = config;
    const seen = share === undefined ? images : shareCount(images, share);
    const encoded = encode(codec, config);
    const shared = share === undefined ? {} : { share };
    const settings = { method, backbone: options.backboneName(config), data, knn, checkpoint, ...shared, onNonFinite, config: encoded };
    const experiment = composed(() => options.experiment(config, { images: seen }), encoded, seen);
    return E.map((found: Experiment): PlannedRun => ({ ...settings, experiment: found }))(experiment);
  };
  return {
    method,
    summary,
    ...(options.labelled === undefined ? {} : { labelled: options.labelled }),
    presets,
    backbones,
    plan: (wishes, around, overrides) => {
      const unknown = unknownName("preset", wishes.preset, presets) ?? unknownName("backbone", wishes.backbone, backbones);
      if (unknown !== undefined) return E.left(unknown);
      if (options.labelled && around.classes === undefined) return E.left(withoutLabels(method, wishes.data));
      const { config, reasons } = options.resolve(wishes, { ...around, images: shareCount(around.images, wishes.share ?? 1) });
      const overridden = applyOverrides(config, overrides, codec);
      if (E.isLeft(overridden)) return overridden;
      return E.map((run: PlannedRun) => ({ run, reasons }))(planned(overridden.right, around.images));
    },
    restore: (config, where, images) => E.chain((decoded: C) => planned(decoded, images))(decode(codec, config, where)),
  };
};
