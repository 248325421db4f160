/** Unsigned LEB128, protobuf's whole numbers. */
const varint = (value: number): readonly number[] => (value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))]);
const number = (field: number, value: number): readonly number[] => [...varint(field * 8), ...varint(value)];
const bytes = (field: number, content: readonly number[]): readonly number[] => [
  ...varint(field * 8 + 2),
  ...varint(content.length),
  ...content,
];
const text = (field: number, value: string): readonly number[] => bytes(field, [...new TextEncoder().encode(value)]);

const floatType = 1;

/** A ValueInfoProto: a name and a float tensor type with fixed lengths. */
const valueInfo = (name: string, shape: readonly number[]): readonly number[] => {
  const lengths = shape.flatMap((length) => bytes(1, number(1, length)));
  return [...text(1, name), ...bytes(2, bytes(1, [...number(1, floatType), ...bytes(2, lengths)]))];
};

/**
 * An ONNX model of one product, `c [m, n] = a [m, k] b [k, n]`, so that the machine's speed is measured with none of our engine in it.
 * Field numbers are those of onnx.proto: ModelProto, GraphProto, NodeProto, ValueInfoProto.
 */
export const matmulModel = (m: number, k: number, n: number): Uint8Array => {
  const node = [...text(1, "a"), ...text(1, "b"), ...text(2, "c"), ...text(4, "MatMul")];
  const graph = [
    ...bytes(1, node),
    ...text(2, "product"),
    ...bytes(11, valueInfo("a", [m, k])),
    ...bytes(11, valueInfo("b", [k, n])),
    ...bytes(12, valueInfo("c", [m, n])),
  ];
  return Uint8Array.from([...number(1, 9), ...bytes(7, graph), ...bytes(8, number(2, 20))]); // IR version 9, opset 20
};
