/** Protocol-buffer wire format, the writing half that ONNX files need. Each function gives the bytes of one field. */
export type Bytes = readonly Uint8Array[];

const varint = (value: number | bigint): Uint8Array => {
  let rest = BigInt.asUintN(64, BigInt(value)); // negative numbers take ten bytes, as the format says
  const bytes: number[] = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return Uint8Array.from(bytes);
};

const size = (parts: Bytes): number => parts.reduce((total, part) => total + part.length, 0);
const encoder = new TextEncoder();

/** A whole number. */
export const int = (field: number, value: number | bigint): Bytes => [varint(field << 3), varint(value)];

/** A 32-bit float. */
export const float = (field: number, value: number): Bytes => [varint((field << 3) | 5), new Uint8Array(Float32Array.of(value).buffer)];

/** Raw bytes; the array is not copied. */
export const bytes = (field: number, value: Uint8Array): Bytes => [varint((field << 3) | 2), varint(value.length), value];

/** A string. */
export const text = (field: number, value: string): Bytes => bytes(field, encoder.encode(value));

/** A message inside a message. */
export const message = (field: number, parts: Bytes): Bytes => [varint((field << 3) | 2), varint(size(parts)), ...parts];

/** All parts one after the other. */
export const join = (parts: Bytes): Uint8Array => {
  const out = new Uint8Array(size(parts));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
};
