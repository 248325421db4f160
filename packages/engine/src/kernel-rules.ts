import type { GraphBuilder } from "./builder.ts";
import type { ElementType, Op, Operations, Value } from "./graph.ts";

/** Hands and attributes of one kernel call, in the graph's terms. */
export interface KernelCall {
  readonly inputs: Readonly<Record<string, Value>>;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly emit: <K extends Op>(op: K, inputs: readonly Value[], attributes: Operations[K]) => readonly Value[];
  readonly builder: GraphBuilder;
}

/** How one tfjs kernel is recorded. */
export type KernelRule = (call: KernelCall) => readonly Value[];

export const none = {} as const;

const one = (values: readonly Value[]): Value => values[0] as Value;

const simple =
  (op: "add" | "sub" | "mul" | "div" | "maximum" | "minimum" | "greater" | "greaterEqual" | "equal"): KernelRule =>
  ({ inputs, emit }) =>
    emit(op, [inputs.a as Value, inputs.b as Value], none);

const unary =
  (op: "neg" | "exp" | "log" | "sqrt" | "erf" | "abs" | "sign" | "relu" | "step" | "gelu"): KernelRule =>
  ({ inputs, emit }) =>
    emit(op, [inputs.x as Value], none);

const reduce =
  (op: "reduceSum" | "reduceMean" | "reduceMax"): KernelRule =>
  ({ inputs, attributes, emit }) => {
    const x = inputs.x as Value;
    const axes = [...((attributes.axis ?? attributes.reductionIndices) as readonly number[])].sort((a, b) => a - b);
    const kept = axes.length === 0 ? x : one(emit(op, [x], { axes }));
    const shape = attributes.keepDims === true ? kept.shape : x.shape.filter((_, axis) => !axes.includes(axis));
    return emit("reshape", [kept], { shape });
  };

const matmul: KernelRule = ({ inputs, attributes, emit }) =>
  emit("matmul", [inputs.a as Value, inputs.b as Value, ...(inputs.c ? [inputs.c] : [])], {
    transposeA: attributes.transposeA === true,
    transposeB: attributes.transposeB === true,
    alpha: (attributes.alpha as number | undefined) ?? 1,
  });

const same: KernelRule = ({ inputs }) => [inputs.x as Value];

/** The kernels that may be traced: those of tfjs that the library's operations use, and the fused ones of its own. */
export const kernelRules: Readonly<Record<string, KernelRule>> = {
  Add: simple("add"),
  Sub: simple("sub"),
  Multiply: simple("mul"),
  RealDiv: simple("div"),
  Maximum: simple("maximum"),
  Minimum: simple("minimum"),
  Greater: simple("greater"),
  GreaterEqual: simple("greaterEqual"),
  Equal: simple("equal"),
  Neg: unary("neg"),
  Exp: unary("exp"),
  Log: unary("log"),
  Sqrt: unary("sqrt"),
  Erf: unary("erf"),
  Abs: unary("abs"),
  Sign: unary("sign"),
  Relu: unary("relu"),
  Gelu: unary("gelu"),
  Identity: same,
  Square: ({ inputs, emit }) => emit("mul", [inputs.x as Value, inputs.x as Value], none),
  Step: unary("step"),
  IsFinite: ({ inputs, emit, builder }) =>
    // infinity - infinity and NaN - NaN are NaN, which equals nothing
    emit("equal", [one(emit("sub", [inputs.x as Value, inputs.x as Value], none)), builder.scalar(0)], none),
  Cast: ({ inputs, attributes, emit }) =>
    (inputs.x as Value).type === attributes.dtype
      ? [inputs.x as Value]
      : emit("cast", [inputs.x as Value], { to: attributes.dtype as ElementType }),
  Select: ({ inputs, emit }) => emit("where", [inputs.condition as Value, inputs.t as Value, inputs.e as Value], none),
  Sum: reduce("reduceSum"),
  Mean: reduce("reduceMean"),
  Max: reduce("reduceMax"),
  Reshape: ({ inputs, attributes, emit }) => emit("reshape", [inputs.x as Value], { shape: [...(attributes.shape as readonly number[])] }),
  Transpose: ({ inputs, attributes, emit }) =>
    emit("transpose", [inputs.x as Value], { order: [...(attributes.perm as readonly number[])] }),
  Slice: ({ inputs, attributes, emit }) =>
    emit("slice", [inputs.x as Value], {
      start: [...(attributes.begin as readonly number[])],
      size: [...(attributes.size as readonly number[])],
    }),
  Concat: ({ inputs, attributes, emit }) => emit("concat", Object.values(inputs), { axis: attributes.axis as number }),
  PadV2: ({ inputs, attributes, emit }) => {
    const paddings = attributes.paddings as readonly (readonly [number, number])[];
    return emit("pad", [inputs.x as Value], { before: paddings.map(([before]) => before), after: paddings.map(([, after]) => after) });
  },
  BroadcastTo: ({ inputs, attributes, emit }) =>
    emit("expand", [inputs.x as Value], { shape: [...(attributes.shape as readonly number[])] }),
  BatchMatMul: matmul,
  ScaledMatMul: matmul,
  Gemm: matmul,
  Softmax: ({ inputs, emit }) => emit("softmax", [inputs.logits as Value], none),
  LayerNormalization: ({ inputs, attributes, emit }) =>
    emit("layerNorm", [inputs.x as Value, inputs.scale as Value, inputs.shift as Value], { epsilon: attributes.epsilon as number }),
  Convolution: ({ inputs, attributes, emit }) => emit("convolution", [inputs.x as Value, inputs.w as Value], attributes as never),
  MaxPoolWithPlaces: ({ inputs, attributes, emit }) => emit("maxPool", [inputs.x as Value], attributes as never),
  ScatterAdd: ({ inputs, attributes, emit, builder }) => {
    const start = one(emit("expand", [builder.scalar(0)], { shape: [attributes.length as number] }));
    return emit("scatterAdd", [start, inputs.places as Value, inputs.updates as Value], none);
  },
  TopK: ({ inputs, attributes, emit }) => emit("topK", [inputs.x as Value], { k: attributes.k as number }),
};
