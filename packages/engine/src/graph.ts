/** Kinds of numbers in a graph. Bytes occur only as inputs, int64 only as indices. */
export type ElementType = "float32" | "int32" | "int64" | "uint8" | "bool";

/** One value of a graph: the output of a node, an input, or a constant. Compared by identity. */
export interface Value {
  readonly id: number;
  readonly shape: readonly number[];
  readonly type: ElementType;
}

export type Numbers = Float32Array | Int32Array | BigInt64Array | Uint8Array;

type None = Readonly<Record<string, never>>;

/** Every operation of the graph, with its attributes. Reductions keep their axes with length 1. */
export interface Operations {
  readonly add: None;
  readonly sub: None;
  readonly mul: None;
  readonly div: None;
  readonly maximum: None;
  readonly minimum: None;
  readonly neg: None;
  readonly exp: None;
  readonly log: None;
  readonly sqrt: None;
  readonly erf: None;
  readonly abs: None;
  readonly sign: None;
  readonly relu: None;
  /** 1 where the number is above 0, else 0. */
  readonly step: None;
  readonly gelu: None;
  readonly greater: None;
  readonly greaterEqual: None;
  readonly equal: None;
  readonly where: None;
  readonly cast: { readonly to: ElementType };
  readonly reduceSum: { readonly axes: readonly number[] };
  readonly reduceMean: { readonly axes: readonly number[] };
  readonly reduceMax: { readonly axes: readonly number[] };
  readonly reshape: { readonly shape: readonly number[] };
  readonly transpose: { readonly order: readonly number[] };
  readonly slice: { readonly start: readonly number[]; readonly size: readonly number[] };
  readonly concat: { readonly axis: number };
  readonly pad: { readonly before: readonly number[]; readonly after: readonly number[] };
  readonly expand: { readonly shape: readonly number[] };
  /** `alpha A B (+ C)` over the last two axes; C only for matrices, of the result's shape or one row. */
  readonly matmul: { readonly transposeA: boolean; readonly transposeB: boolean; readonly alpha: number };
  /** Correlation of `[N, C, ...]` with kernels `[O, C, ...]` over any number of axes, with zeros before and after each. */
  readonly convolution: {
    readonly strides: readonly number[];
    readonly dilations: readonly number[];
    readonly before: readonly number[];
    readonly after: readonly number[];
  };
  /** Over the last axes. Outputs: the largest number of each window, and its place in the flattened input as int32. */
  readonly maxPool: {
    readonly size: readonly number[];
    readonly strides: readonly number[];
    readonly before: readonly number[];
    readonly after: readonly number[];
  };
  /** Inputs: a list, int32 places, numbers; adds each number to the list at its place. */
  readonly scatterAdd: None;
  readonly softmax: None;
  /** Outputs: the normalised rows, their mean and inverse deviation. */
  readonly layerNorm: { readonly epsilon: number };
  /** Outputs: the k largest of the last axis in falling order, and their int32 indices. */
  readonly topK: { readonly k: number };
}

export type Op = keyof Operations;

export interface NodeOf<K extends Op> {
  readonly op: K;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: Operations[K];
  /** Where in the model the node comes from: `online/blocks/block00/mlp/fc1`; a label only. */
  readonly path: string;
}

/** A node, told apart by `op`. */
export type Node = { readonly [K in Op]: NodeOf<K> }[Op];

export interface Named {
  readonly name: string;
  readonly value: Value;
}

export interface Constant {
  readonly value: Value;
  readonly data: Numbers;
}

/** A computation without control flow: nodes stand after the nodes they read. */
export interface Graph {
  readonly inputs: readonly Named[];
  readonly constants: readonly Constant[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly Named[];
}

/** The value of a node with one output. */
export const only = (values: readonly Value[]): Value => values[0] as Value;

export const elementsOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/** Operations that work number by number, with broadcasting. */
export const elementwise: ReadonlySet<Op> = new Set<Op>([
  "add",
  "sub",
  "mul",
  "div",
  "maximum",
  "minimum",
  "neg",
  "exp",
  "log",
  "sqrt",
  "erf",
  "abs",
  "sign",
  "relu",
  "step",
  "gelu",
  "greater",
  "greaterEqual",
  "equal",
  "where",
  "cast",
]);
