import { decode, failure, type Json } from "@twinview/config";
import { type BackboneConfig, backboneCodec } from "@twinview/recipes";
import * as E from "fp-ts/lib/Either.js";
import type { OpenedRun } from "./open-run.ts";

/** The backbone in a run's configuration. Throws a user error where there is none. */
export const backboneOf = ({ stored }: Pick<OpenedRun, "stored">): BackboneConfig => {
  const { backbone = null } = stored.config as { readonly backbone?: Json };
  const decoded = decode(backboneCodec, backbone, stored.configPath);
  if (E.isLeft(decoded)) throw failure(decoded.left);
  return decoded.right;
};
