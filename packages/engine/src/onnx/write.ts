import type { Graph, Named, Numbers, Value } from "../graph.ts";
import { elementType, lower, type OnnxAttribute, type OnnxNode } from "./lower.ts";
import { type Bytes, bytes, float, int, join, message, text } from "./wire.ts";

// Field numbers of onnx.proto (ONNX 1.15, IR version 9).
const opset = 20;
const irVersion = 9;

const raw = (data: Numbers): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

const tensor = (name: string, shape: readonly number[], type: number, data: Numbers): Bytes => [
  ...shape.flatMap((length) => int(1, length)),
  ...int(2, type),
  ...text(8, name),
  ...bytes(9, raw(data)),
];

const attribute = (name: string, value: OnnxAttribute): Bytes => {
  if ("int" in value) return [...text(1, name), ...int(3, value.int), ...int(20, 2)];
  if ("text" in value) return [...text(1, name), ...text(4, value.text), ...int(20, 3)];
  if ("float" in value) return [...text(1, name), ...float(2, value.float), ...int(20, 1)];
  return [...text(1, name), ...value.ints.flatMap((item) => int(8, item)), ...int(20, 7)];
};

const node = (
  made: { readonly name: string; readonly inputs: readonly string[]; readonly outputs: readonly string[] },
  onnx: Omit<OnnxNode, "inputs">,
): Bytes => [
  ...made.inputs.flatMap((name) => text(1, name)),
  ...made.outputs.flatMap((name) => text(2, name)),
  ...text(3, made.name),
  ...text(4, onnx.type),
  ...Object.entries(onnx.attributes ?? {}).flatMap(([name, value]) => message(5, attribute(name, value))),
  ...text(7, onnx.domain ?? ""),
];

/** Lengths of the axes of inputs and outputs that are not those of their values: a text is the name of an open length. */
export type OpenDims = ReadonlyMap<Value, readonly (number | string)[]>;

const valueInfo = (name: string, value: Value, open: OpenDims): Bytes => {
  const lengths = open.get(value) ?? value.shape;
  const dims = lengths.flatMap((length) => message(1, typeof length === "number" ? int(1, length) : text(2, length)));
  const tensorType = [...int(1, elementType(value.type)), ...message(2, dims)];
  return [...text(1, name), ...message(2, message(1, tensorType))];
};

/** Names of the values of a graph; outputs have names of their own because one value may be given out twice. */
const namer = (graph: Graph): ((value: Value) => string) => {
  const inputs = new Map(graph.inputs.map(({ name, value }) => [value, name]));
  return (value) => inputs.get(value) ?? `v${value.id}`;
};

/**
 * The graph as the bytes of an ONNX model: opset 20, onnxruntime's `FusedMatMul` beside the standard operations, weights
 * inside the file. Values that leave the graph get their output's name straight from the node that makes them.
 */
export const writeOnnx = (graph: Graph, open: OpenDims = new Map()): Uint8Array => {
  const nameOf = namer(graph);
  const made = new Set(graph.nodes.flatMap((each) => each.outputs));
  const outputName = new Map<Value, string>();
  const copies: Named[] = [];
  for (const output of graph.outputs) {
    if (made.has(output.value) && !outputName.has(output.value)) outputName.set(output.value, output.name);
    else copies.push(output);
  }
  const name = (value: Value): string => outputName.get(value) ?? nameOf(value);
  const extras = new Map<string, Bytes>();
  const nodes: Bytes[] = [];
  const extra = (item: { readonly int64: readonly number[] } | { readonly float: number }): string => {
    const key = "float" in item ? `f_${item.float}` : `i_${item.int64.join("_")}`;
    const data = "float" in item ? Float32Array.of(item.float) : BigInt64Array.from(item.int64, BigInt);
    const shape = "float" in item ? [] : [item.int64.length];
    extras.set(key, tensor(key, shape, "float" in item ? 1 : 7, data));
    return key;
  };
  for (const [index, each] of graph.nodes.entries()) {
    const onnx = lower(each);
    const inputs = onnx.inputs.map((item) => ("id" in item ? name(item) : extra(item)));
    const outputs = each.outputs.map(name);
    const label = `${each.path}#${index}`;
    const cast = onnx.castOutput;
    if (cast === undefined) nodes.push(node({ name: label, inputs, outputs }, onnx));
    else {
      const wide = outputs.map((output, i) => (i === cast.index ? `${output}_int64` : output));
      nodes.push(node({ name: label, inputs, outputs: wide }, onnx));
      const to = { type: "Cast", attributes: { to: { int: elementType("int32") } } };
      nodes.push(node({ name: `${label}/cast`, inputs: [wide[cast.index] as string], outputs: [outputs[cast.index] as string] }, to));
    }
  }
  for (const copy of copies) nodes.push(node({ name: copy.name, inputs: [name(copy.value)], outputs: [copy.name] }, { type: "Identity" }));
  const constants = graph.constants.map(({ value, data }) => tensor(nameOf(value), value.shape, elementType(value.type), data));
  const body: Bytes = [
    ...nodes.flatMap((each) => message(1, each)),
    ...text(2, "twinview"),
    ...[...constants, ...extras.values()].flatMap((each) => message(5, each)),
    ...graph.inputs.flatMap((each) => message(11, valueInfo(each.name, each.value, open))),
    ...graph.outputs.flatMap((each) => message(12, valueInfo(each.name, each.value, open))),
  ];
  const sets = [...message(8, [...text(1, ""), ...int(2, opset)]), ...message(8, [...text(1, "com.microsoft"), ...int(2, 1)])];
  return join([...int(1, irVersion), ...text(2, "twinview"), ...message(7, body), ...sets]);
};
