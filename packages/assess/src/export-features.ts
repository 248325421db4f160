import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { unwrap } from "@twinview/config";
import type { Source } from "@twinview/data";
import { writeBytes } from "@twinview/report";
import { parquetWriteBuffer } from "hyparquet-writer";
import type { SourceFeatures } from "./feature-session.ts";
import { encodeNpy } from "./npy.ts";

/** Features of one part of a data set, with where they come from. */
export interface FeaturePart {
  readonly name: "train" | "test";
  readonly source: Source;
  readonly found: SourceFeatures;
}

const column = <T>(parts: readonly FeaturePart[], cell: (part: FeaturePart, row: number) => T): readonly T[] =>
  parts.flatMap((part) => Array.from(part.found.indices, (_, row) => cell(part, row)));

const pathOf = ({ source, found }: FeaturePart, row: number): string | null =>
  source.content.kind === "files" ? (source.content.paths[found.indices[row] as number] ?? null) : null;

const rowOf = ({ found: { features } }: FeaturePart, row: number): readonly number[] =>
  Array.from(features.data.subarray(row * features.width, (row + 1) * features.width));

/** The bytes of a parquet file with a row for each image: `split`, `index`, `path`, `label`, `class`, `features` (a list of floats). */
const encodeParquet = (parts: readonly FeaturePart[]): Uint8Array => {
  const labelOf = ({ found }: FeaturePart, row: number): number | null => found.labels[row] ?? null;
  const classOf = (part: FeaturePart, row: number): string | null => part.source.classes?.[labelOf(part, row) ?? -1] ?? null;
  const columns = {
    split: column(parts, ({ name }) => name),
    index: column(parts, ({ found }, row) => found.indices[row] as number),
    path: column(parts, pathOf),
    label: column(parts, labelOf),
    class: column(parts, classOf),
    features: column(parts, rowOf),
  };
  const buffer = parquetWriteBuffer({
    columnData: Object.entries(columns).map(([name, data]) => ({ name, data: data as unknown[] })),
    schema: [
      { name: "root", num_children: 6 },
      { name: "split", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "REQUIRED" },
      { name: "index", type: "INT32", repetition_type: "REQUIRED" },
      { name: "path", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
      { name: "label", type: "INT32", repetition_type: "OPTIONAL" },
      { name: "class", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
      { name: "features", converted_type: "LIST", num_children: 1, repetition_type: "REQUIRED" },
      { name: "list", num_children: 1, repetition_type: "REPEATED" },
      { name: "element", type: "FLOAT", repetition_type: "REQUIRED" },
    ],
    codec: "UNCOMPRESSED",
    statistics: false,
    createdBy: "twinview",
  });
  return new Uint8Array(buffer);
};

/**
 * Writes features into a folder: `features-<part>.npy [images, width]` and `labels-<part>.npy [images]` for each part, and all of them
 * in `features.parquet`. Gives the paths. Throws a user error where a file cannot be written.
 */
export const writeFeatures = async (folder: string, parts: readonly FeaturePart[]): Promise<readonly string[]> => {
  const files = parts.flatMap(({ name, found: { features, labels } }) => {
    const { rows, width, data } = features;
    const numbers = [`features-${name}.npy`, encodeNpy({ dtype: "float32", shape: [rows, width], data })] as const;
    return labels.length === 0
      ? [numbers]
      : [numbers, [`labels-${name}.npy`, encodeNpy({ dtype: "int32", shape: [labels.length], data: labels })] as const];
  });
  const all = [...files, ["features.parquet", [encodeParquet(parts)]] as const];
  await mkdir(folder, { recursive: true });
  for (const [name, chunks] of all) await unwrap(writeBytes(join(folder, name), chunks));
  return all.map(([name]) => join(folder, name));
};
