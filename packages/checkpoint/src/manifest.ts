import { createHash } from "node:crypto";
import {
  choice,
  closed,
  decode,
  encode,
  natural,
  numberThat,
  parseJson,
  record,
  type TypeOf,
  textThat,
  type UserError,
  userError,
} from "@twinview/config";
import * as E from "fp-ts/lib/Either.js";

/** The version of the folder's layout: the one that is written, and the newest that can be read. */
export const formatVersion = 1;

const manifestCodec = closed("a manifest", {
  format: choice(["twinview-checkpoint"]),
  version: numberThat(`the version ${formatVersion}`, (x) => x === formatVersion),
  step: natural,
  files: record(closed("a file", { bytes: natural, sha256: textThat("64 hexadecimal digits", (s) => /^[0-9a-f]{64}$/.test(s)) })),
});

/** What a checkpoint folder must hold: size and SHA-256 of each file by name. */
export type Manifest = TypeOf<typeof manifestCodec>;

/** SHA-256 of bytes in pieces, as 64 hexadecimal digits. */
export const sha256 = (chunks: readonly (Uint8Array | string)[]): string => {
  const hash = createHash("sha256");
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
};

/** Whether a name may stand in a manifest: one that stays in its folder on every system. */
export const isFileName = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name);

/** The text of manifest.json: JSON, then the hash of everything before it, which covers the manifest itself. */
export const renderManifest = (manifest: Omit<Manifest, "format" | "version">): string => {
  const whole = encode(manifestCodec, { format: "twinview-checkpoint", version: formatVersion, ...manifest });
  const body = JSON.stringify(whole, null, 2).slice(0, -2);
  return `${body},\n  "sha256": "${sha256([body])}"\n}\n`;
};

const versionOf = (value: unknown): unknown => (value as { readonly version?: unknown } | null)?.version;

/**
 * Reads manifest.json. The hash is checked first, on the text alone, so that it holds for every version of the layout: a
 * damaged manifest and a newer one are told apart.
 */
export const readManifest = (text: string, where: string): E.Either<UserError, Manifest> => {
  const [, body, hash] = /^([\s\S]*),\n {2}"sha256": "([0-9a-f]{64})"\n\}\n$/.exec(text) ?? [];
  if (body === undefined || sha256([body]) !== hash) return E.left(userError("checkpoint", "the manifest is damaged", { where }));
  const json = parseJson(`${body}\n}`);
  if (E.isLeft(json)) return E.left(userError("checkpoint", `the manifest is not JSON: ${json.left.what}`, { where }));
  const version = versionOf(json.right);
  if (typeof version === "number" && version > formatVersion) {
    const what = `this checkpoint has format ${version}, this program reads up to ${formatVersion}`;
    return E.left(userError("newer-checkpoint", what, { where, fix: "update twinview" }));
  }
  const manifest = decode(manifestCodec, json.right, where);
  if (E.isLeft(manifest)) return manifest;
  const odd = Object.keys(manifest.right.files).find((name) => !isFileName(name));
  return odd === undefined ? manifest : E.left(userError("checkpoint", `the manifest names the file ${JSON.stringify(odd)}`, { where }));
};
