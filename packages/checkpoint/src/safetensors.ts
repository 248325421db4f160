import { brief, type Json, parseJson, type UserError, userError } from "@twinview/config";
import type { HostArray, HostType } from "@twinview/core";
import * as E from "fp-ts/lib/Either.js";
import { foreignKinds, type NumberKind } from "./number-kinds.ts";

/** Named arrays, and free texts about them: what one safetensors file holds. */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, HostArray>;
  readonly metadata: ReadonlyMap<string, string>;
}

const maxHeaderBytes = 100_000_000;

const formats = {
  float32: { code: "F32", bytes: 4, view: Float32Array },
  int32: { code: "I32", bytes: 4, view: Int32Array },
  uint8: { code: "U8", bytes: 1, view: Uint8Array },
} as const;

const ownKinds: ReadonlyMap<unknown, NumberKind> = new Map(
  (Object.keys(formats) as readonly HostType[]).map((dtype) => {
    const { code, bytes, view: View } = formats[dtype];
    return [code, { name: dtype, dtype, bytes, read: (buffer, offset, length) => new View(buffer, offset, length) }];
  }),
);
const allKinds: ReadonlyMap<unknown, NumberKind> = new Map([...ownKinds, ...foreignKinds]);

const bytesOf = ({ data }: HostArray): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

const elements = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/** Code points, as the reference writer sorts names: JavaScript's own order compares UTF-16 units. */
const byName = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/**
 * The bytes of a safetensors file, in pieces to write one after the other: a header padded to 8 bytes, then the arrays
 * themselves, without a copy, wide types first and then by name, as the reference writer orders them. Little-endian, like
 * every machine Node runs our engines on.
 * @throws RangeError when an array's data do not fill its shape: a mistake of the program, not of the user
 * @see huggingface/safetensors, README "Format" and tensor.rs `prepare`
 */
export const encodeSafetensors = (
  tensors: ReadonlyMap<string, HostArray>,
  metadata: ReadonlyMap<string, string> = new Map(),
): readonly Uint8Array[] => {
  const order: readonly HostType[] = ["float32", "int32", "uint8"];
  const entries = [...tensors].sort(([a, x], [b, y]) => order.indexOf(x.dtype) - order.indexOf(y.dtype) || byName(a, b));
  const lines = metadata.size === 0 ? [] : [`"__metadata__":${JSON.stringify(Object.fromEntries(metadata))}`];
  let end = 0;
  for (const [name, { dtype, shape, data }] of entries) {
    if (elements(shape) !== data.length)
      throw new RangeError(`safetensors: ${name} has shape [${shape.join(", ")}] but ${data.length} elements`);
    const start = end;
    end += data.byteLength;
    const info = `{"dtype":"${formats[dtype].code}","shape":[${shape.join(",")}],"data_offsets":[${start},${end}]}`;
    lines.push(`${JSON.stringify(name)}:${info}`);
  }
  const text = new TextEncoder().encode(`{${lines.join(",")}}`);
  const header = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - 8), true);
  header.set(text, 8);
  return [header, ...entries.map(([, array]) => bytesOf(array))];
};

interface Entry {
  readonly name: string;
  readonly kind: NumberKind;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

type Result<A> = E.Either<UserError, A>;

const damaged = (where: string, what: string): Result<never> =>
  E.left(userError("checkpoint", `not a valid safetensors file: ${what}`, { where }));

const isNatural = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** Sizes and places are written as whole numbers: the reference takes 4.0, 4e0 and -0 for none, and so does this. */
const naturalOf = (literal: string): number => (/^\d+$/.test(literal) ? Number(literal) : Number.NaN);

const isObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const readHeader = (
  bytes: Uint8Array,
  where: string,
): Result<{ readonly header: { readonly [key: string]: Json }; readonly from: number }> => {
  if (bytes.length < 8) return damaged(where, "shorter than 8 bytes");
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > maxHeaderBytes) return damaged(where, `the header claims ${length} bytes, at most ${maxHeaderBytes} are allowed`);
  const from = 8 + Number(length);
  if (from > bytes.length) return damaged(where, `the header claims ${length} bytes, the file has ${bytes.length}`);
  if (bytes[8] !== 0x7b) return damaged(where, 'the header does not begin with "{"');
  const text = E.tryCatch(() => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, from)), String);
  if (E.isLeft(text)) return damaged(where, "the header is not UTF-8");
  const json = parseJson(text.right, { number: naturalOf, portable: true });
  if (E.isLeft(json)) return damaged(where, `header, character ${json.left.offset + 1}: ${json.left.what}`);
  return isObject(json.right) ? E.right({ header: json.right, from }) : damaged(where, "the header is not a record");
};

/** Whether the running product of the lengths fits 64 bits; a length of 0 that comes later does not mend it. */
const isCountable = (shape: readonly number[]): boolean => {
  let product = 1n;
  return shape.every((length) => {
    product *= BigInt(length);
    return product < 2n ** 64n;
  });
};

type Kinds = ReadonlyMap<unknown, NumberKind>;

const readEntry = (name: string, value: Json | undefined, where: string, kinds: Kinds): Result<Entry> => {
  const bad = (what: string) => damaged(where, `tensor ${brief(name)}: ${what}`);
  if (!isObject(value)) return bad("its entry is not a record");
  const { dtype: code, shape, data_offsets: offsets } = value;
  const kind = kinds.get(code);
  if (kind === undefined) return bad(`unsupported dtype ${brief(code)}, supported: ${[...kinds.keys()].join(", ")}`);
  if (!Array.isArray(shape) || !shape.every(isNatural)) return bad("its shape is not a list of whole numbers");
  if (!isCountable(shape)) return bad("its shape has more numbers than 64 bits can count");
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isNatural))
    return bad("its data_offsets are not two whole numbers");
  const [start, end] = offsets as unknown as readonly [number, number];
  const wanted = elements(shape) * kind.bytes;
  if (end - start !== wanted)
    return bad(`shape [${shape.join(", ")}] of ${kind.name} needs ${wanted} bytes, data_offsets span ${end - start}`);
  return E.right({ name, kind, shape, start, end });
};

const readMetadata = (value: Json | undefined, where: string): Result<ReadonlyMap<string, string>> => {
  if (value === undefined) return E.right(new Map());
  const entries = isObject(value) ? Object.entries(value) : [["", null] as const];
  if (!entries.every(([, text]) => typeof text === "string")) return damaged(where, "__metadata__ is not a record of texts");
  return E.right(new Map(entries as readonly (readonly [string, string])[]));
};

const arrayAt = (bytes: Uint8Array, { kind, shape, start, end }: Entry, from: number): HostArray => {
  const piece = bytes.subarray(from + start, from + end);
  const aligned = piece.byteOffset % kind.bytes === 0 ? piece : new Uint8Array(piece); // a header of odd length shifts the data
  return { shape, dtype: kind.dtype, data: kind.read(aligned.buffer as ArrayBuffer, aligned.byteOffset, (end - start) / kind.bytes) };
};

/**
 * Reads a safetensors file. Strict like the reference reader: the arrays must lie one after the other without holes or overlap
 * and cover the file exactly, and each must fill its shape; beyond it, a name that appears twice is refused. The arrays are
 * views of `bytes`. A name such as `__proto__` is data like any other. With `foreign`, numbers of kinds that only other programs write
 * are read too, as copies: F16, BF16 and F64 as float32, I64 as int32.
 * @see huggingface/safetensors, tensor.rs `Metadata::validate`
 */
export const decodeSafetensors = (
  bytes: Uint8Array,
  where: string,
  { foreign = false }: { readonly foreign?: boolean } = {},
): Result<Safetensors> => {
  const read = readHeader(bytes, where);
  if (E.isLeft(read)) return read;
  const { header, from } = read.right;
  const metadata = readMetadata(header.__metadata__, where);
  if (E.isLeft(metadata)) return metadata;
  const entries: Entry[] = [];
  for (const name of Object.keys(header)) {
    if (name === "__metadata__") continue;
    const entry = readEntry(name, Object.getOwnPropertyDescriptor(header, name)?.value as Json, where, foreign ? allKinds : ownKinds);
    if (E.isLeft(entry)) return entry;
    entries.push(entry.right);
  }
  entries.sort((a, b) => a.start - b.start || a.end - b.end);
  let end = 0;
  for (const entry of entries) {
    if (entry.start !== end) return damaged(where, `tensor ${brief(entry.name)} begins at byte ${entry.start}, expected ${end}`);
    end = entry.end;
  }
  if (from + end !== bytes.length) return damaged(where, `the header describes ${from + end} bytes, the file has ${bytes.length}`);
  return E.right({ tensors: new Map(entries.map((entry) => [entry.name, arrayAt(bytes, entry, from)])), metadata: metadata.right });
};
