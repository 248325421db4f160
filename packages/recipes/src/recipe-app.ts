import { type Codec, choice, closed, type Fields, type TypeOf } from "@twinview/config";
import { type App, defineApp, type Experiment, type Surroundings } from "@twinview/train";
import { backboneName, backbones, type Family, familyOf } from "./backbone.ts";
import { type CommonPreset, chooseCommon } from "./choose.ts";
import { type CommonConfig, commonFields, commonOptions } from "./common.ts";

/** The settings of a method beside the common ones, from their codecs. */
export type OwnConfig<F extends Fields> = { readonly [K in keyof F]: TypeOf<F[K]> };
/** The whole configuration of a method's run. */
export type RecipeConfig<F extends Fields> = CommonConfig & OwnConfig<F>;
/** What a preset fixes; the rest depends on the data and the machine. */
export type Preset<F extends Fields> = CommonPreset & {
  /** The method's own settings, where some follow from the common ones and the data. */
  readonly own: (config: CommonConfig, around: Surroundings) => OwnConfig<F>;
};

export interface RecipeOptions<F extends Fields> {
  readonly method: string;
  readonly summary: string;
  /** Whether it learns from labels. */
  readonly labelled?: true;
  /** Codecs of the method's own settings. */
  readonly fields: F;
  /** `mini`: two cores, tens of minutes; `paper`: as published, a large machine. */
  readonly presets: { readonly mini: Readonly<Record<Family, Preset<F>>>; readonly paper?: Readonly<Record<Family, Preset<F>>> };
  readonly experiment: (config: RecipeConfig<F>, data: { readonly images: number }) => Experiment;
}

/** The codec of a method's run: the common settings and its own, no other key. */
export const recipeCodec = <F extends Fields>(method: string, fields: F): Codec<RecipeConfig<F> & { readonly method: string }> =>
  closed(method, { method: choice([method]), ...commonFields, ...fields }, commonOptions) as unknown as Codec<
    RecipeConfig<F> & { readonly method: string }
  >;

/** An app of a method that trains any of the backbones: its settings, its presets and the experiment a configuration stands for. */
export const recipeApp = <F extends Fields>({ method, summary, labelled, fields, presets, experiment }: RecipeOptions<F>): App =>
  defineApp({
    method,
    summary,
    ...(labelled === undefined ? {} : { labelled }),
    codec: recipeCodec(method, fields),
    presets: Object.keys(presets),
    backbones: Object.keys(backbones),
    resolve: (wishes, around) => {
      const preset = (wishes.preset === "paper" ? (presets.paper ?? presets.mini) : presets.mini)[familyOf(wishes.backbone)];
      const { config, reasons } = chooseCommon(wishes, around, preset);
      return { config: { method, ...config, ...preset.own(config, around) }, reasons };
    },
    experiment,
    backboneName: ({ backbone }) => backboneName(backbone),
  });
