import { decode, failure, type Json } from "@twinview/config";
import { type BackboneConfig, backboneCodec } from "@twinview/recipes";
import * as E from "fp-ts/lib/Either.js";

/** The backbone in a run's configuration; `where` names the file in errors. Throws a user error where there is none. */
export const backboneIn = (config: Json, where: string): BackboneConfig => {
  const { backbone = null } = config as { readonly backbone?: Json };
  const decoded = decode(backboneCodec, backbone, where);
  if (E.isLeft(decoded)) throw failure(decoded.left);
  return decoded.right;
};
