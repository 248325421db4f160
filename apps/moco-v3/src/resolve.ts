import { chooseCommon } from "@twinview/recipes";
import type { Surroundings, Wishes } from "@twinview/train";
import type { MocoV3Config } from "./config.ts";
import { presets } from "./presets.ts";

/** Fills a configuration in from what the user asked for, the data and the machine; `reasons` has a sentence for each choice. */
export const resolve = (wishes: Wishes, around: Surroundings): { readonly config: MocoV3Config; readonly reasons: readonly string[] } => {
  const { backbone, optimizer, views, published, passes, ...own } = presets[(wishes.preset ?? "mini") as keyof typeof presets];
  const chosen = chooseCommon(wishes, around, { backbone, optimizer, views, passes, ...(published === undefined ? {} : { published }) });
  return { config: { method: "moco-v3", ...chosen.config, ...own }, reasons: chosen.reasons };
};
