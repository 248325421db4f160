import type { Codec } from "@twinview/config";
import type { Experiment } from "./experiment.ts";

/** What is known about the data and the machine when a run is set up. */
export interface Surroundings {
  readonly images: number;
  readonly testImages: number;
  /** Typical shorter side of the images, in pixels. */
  readonly side: number;
  /** The machine's matrix-product speed in billions of floating-point operations per second. */
  readonly machineGflops: number;
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
  readonly freezePatch?: boolean | undefined;
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
}

/** One method as an application: its configuration, how that is chosen, and the experiment it stands for. */
export interface App<C> {
  readonly method: string;
  readonly summary: string;
  readonly codec: Codec<C>;
  readonly presets: readonly string[];
  readonly backbones: readonly string[];
  readonly resolve: (wishes: Wishes, around: Surroundings) => { readonly config: C; readonly reasons: readonly string[] };
  readonly experiment: (config: C, data: { readonly images: number }) => Experiment;
  readonly settings: (config: C) => RunSettings;
  /** Fields of the configuration by which runs are told apart in reports. */
  readonly describe: (config: C) => { readonly backbone: string; readonly data: string };
}
