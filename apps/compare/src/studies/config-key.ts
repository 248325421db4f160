import { createHash } from "node:crypto";
import type { Json } from "@twinview/config";

/** A short name for a configuration: the first digits of its hash. Equal configurations are one cell, whatever study they come from. */
export const configKey = (config: Json): string => createHash("sha256").update(JSON.stringify(config)).digest("hex").slice(0, 10);
