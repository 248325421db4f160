import { expect, test } from "vitest";
import { decodeSafetensors } from "./safetensors.ts";

/** A safetensors file of one tensor, written by hand. */
const fileOf = (code: string, shape: readonly number[], data: Uint8Array): Uint8Array => {
  const header = Buffer.from(JSON.stringify({ x: { dtype: code, shape, data_offsets: [0, data.length] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return new Uint8Array(Buffer.concat([length, header, data]));
};
const bytes = (array: ArrayBufferView): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

const values = (code: string, data: Uint8Array, count: number, foreign: boolean) => {
  const found = decodeSafetensors(fileOf(code, [count], data), "x.safetensors", { foreign });
  if (found._tag === "Left") return found.left.what;
  const x = found.right.tensors.get("x");
  return [x?.dtype, ...(x?.data ?? [])];
};

// bit patterns by IEEE 754: 1, -2, 65504 (the largest), 2^-24 (the smallest), infinity
const halves = bytes(Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x7c00));

test.each<[string, Uint8Array, readonly (string | number)[]]>([
  ["F16", halves, ["float32", 1, -2, 65504, 2 ** -24, Number.POSITIVE_INFINITY]],
  ["BF16", bytes(Uint16Array.of(0x3f80, 0xc000, 0x4049)), ["float32", 1, -2, 3.140625]],
  ["F64", bytes(Float64Array.of(0.5, -3)), ["float32", 0.5, -3]],
  ["I64", bytes(BigInt64Array.of(7n, -9n)), ["int32", 7, -9]],
])("%s is read as the nearest kind of ours, and only where it is asked for", (code, data, expected) => {
  expect(values(code, data, expected.length - 1, true)).toEqual(expected);
  expect(values(code, data, expected.length - 1, false)).toBe(
    `not a valid safetensors file: tensor "x": unsupported dtype "${code}", supported: F32, I32, U8`,
  );
});
