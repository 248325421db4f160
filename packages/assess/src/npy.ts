/** What an .npy file can hold here. */
export type NpyArray = { readonly shape: readonly number[] } & (
  | { readonly dtype: "float32"; readonly data: Float32Array }
  | { readonly dtype: "int32"; readonly data: Int32Array }
);

const codes = { float32: "<f4", int32: "<i4" } as const;

/**
 * The bytes of an .npy file, version 1.0: a header padded to a multiple of 64 bytes, then the numbers in row-major order.
 * @see numpy.lib.format
 */
export const encodeNpy = ({ dtype, shape, data }: NpyArray): readonly Uint8Array[] => {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '${codes[dtype]}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const header = Buffer.concat([
    Buffer.from([0x93, ...Buffer.from("NUMPY"), 1, 0, length & 255, length >> 8]),
    Buffer.from(`${text.padEnd(length - 1)}\n`, "latin1"),
  ]);
  return [header, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
};
