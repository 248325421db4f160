import type { HostArray, HostType } from "@twinview/core";

/** A kind of numbers in a safetensors file, and how it is read. */
export interface NumberKind {
  readonly name: string;
  readonly dtype: HostType;
  readonly bytes: number;
  readonly read: (buffer: ArrayBuffer, offset: number, length: number) => HostArray["data"];
}

/** A float16: 1 sign bit, 5 of the exponent, 10 of the fraction. */
const half = (bits: number): number => {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
};

/** A bfloat16 is the upper half of a float32. */
const brain = (buffer: ArrayBuffer, offset: number, length: number): Float32Array => {
  const halves = new Uint16Array(buffer, offset, length);
  return new Float32Array(Uint32Array.from(halves, (bits) => bits << 16).buffer);
};

/** Kinds that other programs write and this one does not, read as the nearest kind it has. */
export const foreignKinds: ReadonlyMap<unknown, NumberKind> = new Map<unknown, NumberKind>([
  [
    "F16",
    {
      name: "float16",
      dtype: "float32",
      bytes: 2,
      read: (buffer, offset, n) => Float32Array.from(new Uint16Array(buffer, offset, n), half),
    },
  ],
  ["BF16", { name: "bfloat16", dtype: "float32", bytes: 2, read: brain }],
  [
    "F64",
    { name: "float64", dtype: "float32", bytes: 8, read: (buffer, offset, n) => Float32Array.from(new Float64Array(buffer, offset, n)) },
  ],
  [
    "I64",
    { name: "int64", dtype: "int32", bytes: 8, read: (buffer, offset, n) => Int32Array.from(new BigInt64Array(buffer, offset, n), Number) },
  ],
]);
