import type { Node, Op, Operations, Value } from "../graph.ts";

/** An attribute of an ONNX node. */
export type OnnxAttribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly text: string };

/** One ONNX node before it has names: extra inputs are index lists written as int64 constants. */
export interface OnnxNode {
  readonly type: string;
  readonly domain?: string;
  readonly inputs: readonly (Value | { readonly int64: readonly number[] } | { readonly float: number })[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  /** Names of element types that an output must be cast from, where ONNX gives int64 and the graph has int32. */
  readonly castOutput?: { readonly index: number };
}

const flag = (on: boolean): OnnxAttribute => ({ int: on ? 1 : 0 });
const elementTypes = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 } as const;
/** ONNX's number for an element type. */
export const elementType = (type: keyof typeof elementTypes): number => elementTypes[type];

const plain: { readonly [K in Op]?: string } = {
  add: "Add",
  sub: "Sub",
  mul: "Mul",
  div: "Div",
  maximum: "Max",
  minimum: "Min",
  neg: "Neg",
  exp: "Exp",
  log: "Log",
  sqrt: "Sqrt",
  erf: "Erf",
  abs: "Abs",
  sign: "Sign",
  relu: "Relu",
  gelu: "Gelu",
  greater: "Greater",
  greaterEqual: "GreaterOrEqual",
  equal: "Equal",
  where: "Where",
};

const lowerMatmul = (node: Node): OnnxNode => {
  const { transposeA, transposeB, alpha } = node.attributes as Operations["matmul"];
  const [a] = node.inputs as readonly [Value];
  if (a.shape.length === 2) {
    return {
      type: "Gemm",
      inputs: node.inputs,
      attributes: { transA: flag(transposeA), transB: flag(transposeB), alpha: { float: alpha } },
    };
  }
  if (!transposeA && !transposeB && alpha === 1) return { type: "MatMul", inputs: node.inputs };
  // onnxruntime's own operation, present on its CPU and GPU providers alike
  return {
    type: "FusedMatMul",
    domain: "com.microsoft",
    inputs: node.inputs,
    attributes: { transA: flag(transposeA), transB: flag(transposeB), alpha: { float: alpha } },
  };
};

const lowerReduce = (type: string, node: Node): OnnxNode => ({
  type,
  inputs: [...node.inputs, { int64: (node.attributes as Operations["reduceSum"]).axes }],
  attributes: { keepdims: { int: 1 } },
});

/** The ONNX node (opset 20) for a node of the graph. */
export const lower = (node: Node): OnnxNode => {
  const { inputs } = node;
  const name = plain[node.op];
  if (name !== undefined) return { type: name, inputs };
  switch (node.op) {
    case "matmul":
      return lowerMatmul(node);
    case "cast":
      return { type: "Cast", inputs, attributes: { to: { int: elementType(node.attributes.to) } } };
    case "reduceSum":
      return lowerReduce("ReduceSum", node);
    case "reduceMean":
      return lowerReduce("ReduceMean", node);
    case "reduceMax":
      return lowerReduce("ReduceMax", node);
    case "reshape":
      return { type: "Reshape", inputs: [...inputs, { int64: node.attributes.shape }] };
    case "expand":
      return { type: "Expand", inputs: [...inputs, { int64: node.attributes.shape }] };
    case "transpose":
      return { type: "Transpose", inputs, attributes: { perm: { ints: node.attributes.order } } };
    case "slice": {
      const { start, size } = node.attributes;
      const axes = start.map((_, axis) => axis).filter((axis) => start[axis] !== 0 || size[axis] !== inputs[0]?.shape[axis]);
      const from = axes.map((axis) => start[axis] as number);
      const to = axes.map((axis) => (start[axis] as number) + (size[axis] as number));
      return { type: "Slice", inputs: [...inputs, { int64: from }, { int64: to }, { int64: axes }] };
    }
    case "concat":
      return { type: "Concat", inputs, attributes: { axis: { int: node.attributes.axis } } };
    case "pad":
      return { type: "Pad", inputs: [...inputs, { int64: [...node.attributes.before, ...node.attributes.after] }, { float: 0 }] };
    case "step":
      // 1 above 0 and 0 elsewhere, in one pass: the slope leaves nothing between that float32 can tell from either
      return { type: "HardSigmoid", inputs, attributes: { alpha: { float: 3e38 }, beta: { float: 0 } } };
    case "convolution": {
      const { strides, dilations, before, after } = node.attributes;
      return {
        type: "Conv",
        inputs,
        attributes: { strides: { ints: strides }, dilations: { ints: dilations }, pads: { ints: [...before, ...after] } },
      };
    }
    case "maxPool": {
      const { size, strides, before, after } = node.attributes;
      return {
        type: "MaxPool",
        inputs,
        attributes: { kernel_shape: { ints: size }, strides: { ints: strides }, pads: { ints: [...before, ...after] } },
        castOutput: { index: 1 },
      };
    }
    case "scatterAdd":
      return { type: "ScatterElements", inputs, attributes: { axis: { int: 0 }, reduction: { text: "add" } } };
    case "softmax":
      return { type: "Softmax", inputs, attributes: { axis: { int: -1 } } };
    case "layerNorm":
      return {
        type: "LayerNormalization",
        inputs,
        attributes: { axis: { int: -1 }, epsilon: { float: node.attributes.epsilon }, stash_type: { int: 1 } },
      };
    case "topK":
      return {
        type: "TopK",
        inputs: [...inputs, { int64: [node.attributes.k] }],
        attributes: { axis: { int: -1 }, largest: { int: 1 }, sorted: { int: 1 } },
        castOutput: { index: 1 },
      };
    default:
      throw new Error(`lower: no ONNX operation for ${node.op}`);
  }
};
