import { broadcastShape } from "@twinview/core";
import type { ElementType, Node, Op, Operations, Value } from "./graph.ts";

/** What a window of `size` leaves of each axis. */
const slid = (
  shape: readonly number[],
  size: readonly number[],
  { strides, before, after }: Pick<Operations["maxPool"], "strides" | "before" | "after">,
): number[] =>
  shape.map(
    (length, i) => Math.floor((length + (before[i] as number) + (after[i] as number) - (size[i] as number)) / (strides[i] as number)) + 1,
  );

type Kind = { readonly shape: readonly number[]; readonly type: ElementType };

const reduced = (shape: readonly number[], axes: readonly number[]): number[] =>
  shape.map((length, axis) => (axes.includes(axis) ? 1 : length));

const matmulShape = (a: Value, b: Value, { transposeA, transposeB }: Operations["matmul"]): number[] => {
  const lead = broadcastShape("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2));
  return [...lead, a.shape.at(transposeA ? -1 : -2) as number, b.shape.at(transposeB ? -2 : -1) as number];
};

/** Shapes and types of a node's outputs. */
export const infer = (node: Pick<Node, "op" | "attributes"> & { readonly inputs: readonly Value[] }): readonly Kind[] => {
  const [a, b, c] = node.inputs as readonly [Value, Value, Value];
  const attributes = node.attributes as never;
  const broadcast = (type: ElementType): Kind[] => [{ shape: broadcastShape(node.op, a.shape, b.shape), type }];
  const rules: { readonly [K in Op]: () => readonly Kind[] } = {
    add: () => broadcast(a.type),
    sub: () => broadcast(a.type),
    mul: () => broadcast(a.type),
    div: () => broadcast(a.type),
    maximum: () => broadcast(a.type),
    minimum: () => broadcast(a.type),
    neg: () => [a],
    exp: () => [a],
    log: () => [a],
    sqrt: () => [a],
    erf: () => [a],
    abs: () => [a],
    sign: () => [a],
    relu: () => [a],
    step: () => [a],
    gelu: () => [a],
    softmax: () => [a],
    greater: () => broadcast("bool"),
    greaterEqual: () => broadcast("bool"),
    equal: () => broadcast("bool"),
    where: () => [{ shape: broadcastShape("where", a.shape, broadcastShape("where", b.shape, c.shape)), type: b.type }],
    cast: () => [{ shape: a.shape, type: (attributes as Operations["cast"]).to }],
    reduceSum: () => [{ shape: reduced(a.shape, (attributes as Operations["reduceSum"]).axes), type: a.type }],
    reduceMean: () => [{ shape: reduced(a.shape, (attributes as Operations["reduceMean"]).axes), type: a.type }],
    reduceMax: () => [{ shape: reduced(a.shape, (attributes as Operations["reduceMax"]).axes), type: a.type }],
    reshape: () => [{ shape: (attributes as Operations["reshape"]).shape, type: a.type }],
    expand: () => [{ shape: (attributes as Operations["expand"]).shape, type: a.type }],
    transpose: () => [{ shape: (attributes as Operations["transpose"]).order.map((axis) => a.shape[axis] as number), type: a.type }],
    slice: () => [{ shape: (attributes as Operations["slice"]).size, type: a.type }],
    concat: () => {
      const { axis } = attributes as Operations["concat"];
      const total = node.inputs.reduce((sum, value) => sum + (value.shape[axis] as number), 0);
      return [{ shape: a.shape.map((length, i) => (i === axis ? total : length)), type: a.type }];
    },
    pad: () => {
      const { before, after } = attributes as Operations["pad"];
      return [{ shape: a.shape.map((length, i) => length + (before[i] as number) + (after[i] as number)), type: a.type }];
    },
    matmul: () => [{ shape: matmulShape(a, b, attributes), type: "float32" }],
    convolution: () => {
      const given = attributes as Operations["convolution"];
      const reach = b.shape.slice(2).map((length, i) => (length - 1) * (given.dilations[i] as number) + 1);
      return [{ shape: [a.shape[0] as number, b.shape[0] as number, ...slid(a.shape.slice(2), reach, given)], type: a.type }];
    },
    maxPool: () => {
      const given = attributes as Operations["maxPool"];
      const lead = a.shape.length - given.size.length;
      const shape = [...a.shape.slice(0, lead), ...slid(a.shape.slice(lead), given.size, given)];
      return [
        { shape, type: a.type },
        { shape, type: "int32" },
      ];
    },
    scatterAdd: () => [a],
    layerNorm: () => [
      a,
      { shape: reduced(a.shape, [a.shape.length - 1]), type: "float32" },
      { shape: reduced(a.shape, [a.shape.length - 1]), type: "float32" },
    ],
    topK: () => {
      const shape = [...a.shape.slice(0, -1), (attributes as Operations["topK"]).k];
      return [
        { shape, type: "float32" },
        { shape, type: "int32" },
      ];
    },
  };
  return rules[node.op]();
};
