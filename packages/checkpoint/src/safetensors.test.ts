import { readFileSync } from "node:fs";
import { renderUserError } from "@twinview/config";
import type { HostArray } from "@twinview/core";
import fc from "fast-check";
import * as E from "fp-ts/lib/Either.js";
import { expect, test } from "vitest";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";

interface Golden {
  readonly reference: string;
  readonly values: Readonly<Record<string, { readonly dtype: string; readonly shape: readonly number[]; readonly bytes: string }>>;
  readonly cases: readonly { readonly name: string; readonly bytes: string; readonly verdict: string }[];
}

// by golden/make_safetensors.py
const golden = JSON.parse(readFileSync(new URL("../golden/safetensors.json", import.meta.url), "utf8")) as Golden;
const raw = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, "base64"));
const joined = (chunks: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(chunks));
const bytesOf = ({ data }: HostArray): string => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");

const said = (bytes: Uint8Array): string => {
  const result = decodeSafetensors(bytes, "f.safetensors");
  return E.isLeft(result) ? renderUserError(result.left) : "ok";
};
const file = (header: string, data = ""): Uint8Array => {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(Buffer.byteLength(header)), true);
  return joined([length, Buffer.from(header), Buffer.from(data)]);
};

test("reads a file of the reference implementation, bit for bit", () => {
  const result = decodeSafetensors(raw(golden.reference), "golden");
  if (E.isLeft(result)) throw new Error(renderUserError(result.left));
  const found = [...result.right.tensors].map(
    ([name, array]) => [name, { dtype: array.dtype, shape: array.shape, bytes: bytesOf(array) }] as const,
  );
  const wanted = Object.entries(golden.values);
  expect(new Map(found)).toEqual(new Map(wanted));
  expect(wanted).toHaveLength(9);
  expect(found.map(([name]) => name)).toContain("__proto__");
  expect([...result.right.metadata]).toEqual([["made by", "the reference"]]);
});

test("writes the very bytes of the reference implementation", () => {
  const result = decodeSafetensors(raw(golden.reference), "golden");
  if (E.isLeft(result)) throw new Error(renderUserError(result.left));
  const shuffled = new Map([...result.right.tensors].reverse());
  expect(Buffer.from(joined(encodeSafetensors(shuffled, result.right.metadata))).toString("base64")).toBe(golden.reference);
});

/** Where we are stricter: the format says the header begins with "{"; names must differ. */
const stricter = new Set(["header begins with a blank"]);

test.each(golden.cases)("same verdict as the reference: $name", ({ name, bytes, verdict }) => {
  const ours = said(raw(bytes));
  if (stricter.has(name)) expect(ours).not.toBe("ok");
  else expect(ours === "ok" ? "ok" : "refused").toBe(verdict === "ok" ? "ok" : "refused");
});

test.each([
  ["x", "shorter than 8 bytes"],
  [file("[]"), 'the header does not begin with "{"'],
  [file("{]"), 'header, character 2: expected a key in double quotes, got "]"'],
  [
    file('{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}', "12345678"),
    'tensor "a": unsupported dtype "F64", supported: F32, I32, U8',
  ],
  [
    file('{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,4]}}', "1234"),
    'tensor "a": shape [3] of uint8 needs 3 bytes, data_offsets span 4',
  ],
  [file('{"a":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}', "123"), 'tensor "a" begins at byte 1, expected 0'],
  [file('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', "123"), "the header describes 62 bytes, the file has 64"],
  [file('{"__metadata__":{"a":1}}'), "__metadata__ is not a record of texts"],
  [file('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":1}'), 'header, character 54: the key "a" appears twice'],
])("a damaged file is named with its fault", (bytes, fault) => {
  const content = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  expect(said(content)).toBe(`error: not a valid safetensors file: ${fault}\n  where: f.safetensors`);
});

const entry = (shape: string, dtype = "U8", end = 0): Uint8Array =>
  file(`{"a":{"dtype":"${dtype}","shape":${shape},"data_offsets":[0,${end}]}}`, "x".repeat(end));

test.each([
  [entry("[4.0]", "U8", 4), "its shape is not a list of whole numbers"],
  [entry("[4e0]", "U8", 4), "its shape is not a list of whole numbers"],
  [entry("[-0]"), "its shape is not a list of whole numbers"],
  [entry("[1099511627776,1099511627776,0]"), "its shape has more numbers than 64 bits can count"],
])("sizes that the reference does not take for whole numbers are refused", (bytes, fault) => {
  expect(said(bytes)).toContain(fault);
});

test("a length of 0 in front counts nothing, however large those behind it", () => {
  expect(said(entry("[0,1099511627776,1099511627776]"))).toBe("ok");
});

test("data behind a header of odd length are read from a Buffer too, every kind of numbers", () => {
  for (const [dtype, bytes] of [
    ["F32", 4],
    ["I64", 8],
    ["F64", 8],
    ["BF16", 2],
  ] as const) {
    const odd = entry("[1] ", dtype, bytes);
    const whole = odd.length % 2 === bytes % 2 ? entry("[1]", dtype, bytes) : odd;
    for (const shift of [0, 1, 3]) {
      const shifted = Buffer.concat([Buffer.alloc(shift), whole]).subarray(shift);
      expect(decodeSafetensors(shifted, "x", { foreign: true })._tag, `${dtype} ${shift}`).toBe("Right");
    }
  }
});

const dimension = fc.integer({ min: 0, max: 4 });
const array: fc.Arbitrary<HostArray> = fc
  .tuple(
    fc.array(dimension, { maxLength: 3 }),
    fc.constantFrom("float32", "int32", "uint8"),
    fc.infiniteStream(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  )
  .map(([shape, dtype, stream]) => {
    const length = shape.reduce((a, b) => a * b, 1);
    const words = Int32Array.from({ length }, () => stream.next().value as number);
    const data = { float32: new Float32Array(words.buffer), int32: words, uint8: Uint8Array.from(words) }[dtype];
    return { shape, dtype, data };
  });
const name = fc
  .oneof(fc.constantFrom("__proto__", "constructor", "0", "a/b"), fc.string({ unit: "grapheme" }))
  .filter((key) => key !== "__metadata__");

test("what is written is read back, and every header is aligned", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(name, array), { maxLength: 5 }), (entries) => {
      const tensors = new Map(entries);
      const chunks = encodeSafetensors(tensors);
      expect((chunks[0] as Uint8Array).length % 8).toBe(0);
      const result = decodeSafetensors(joined(chunks), "x");
      if (E.isLeft(result)) throw new Error(renderUserError(result.left));
      const seen = (map: ReadonlyMap<string, HostArray>) =>
        new Map([...map].map(([key, a]) => [key, [a.dtype, a.shape, bytesOf(a), a.data.constructor.name]]));
      expect(seen(result.right.tensors)).toEqual(seen(tensors));
    }),
    { numRuns: 200 },
  );
});

test("every truncation is refused", () => {
  const whole = raw(golden.reference);
  for (let length = 0; length < whole.length; length++)
    expect(said(whole.subarray(0, length))).toMatch(/^error: not a valid safetensors file: /);
});

test("data that do not fill their shape are the caller's mistake", () => {
  const short: HostArray = { shape: [2, 2], dtype: "float32", data: new Float32Array(3) };
  expect(() => encodeSafetensors(new Map([["w", short]]))).toThrow("safetensors: w has shape [2, 2] but 3 elements");
});
