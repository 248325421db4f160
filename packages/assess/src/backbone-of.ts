import { decode, type Json, orThrow } from "@twinview/config";
import { type BackboneConfig, backboneCodec } from "@twinview/recipes";

/** The backbone in a run's configuration; `where` names the file in errors. Throws a user error where there is none. */
export const backboneIn = (config: Json, where: string): BackboneConfig => {
  const { backbone = null } = config as { readonly backbone?: Json };
  return orThrow(decode(backboneCodec, backbone, where));
};
