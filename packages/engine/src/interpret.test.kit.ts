import { at, fromIndex, indexOf, type Slow, slow, slowErf, slowGelu, slowLayerNorm, slowSoftmax } from "@twinview/testkit";
import type { Graph, Node, Operations, Value } from "./graph.ts";

type Rule = (inputs: readonly Slow[], attributes: never, outputs: readonly Value[]) => readonly Slow[];

const unary =
  (f: (x: number) => number): Rule =>
  ([x]) => [slow((x as Slow).data.map(f), (x as Slow).shape)];
const binary =
  (f: (a: number, b: number) => number): Rule =>
  ([a, b], _, [out]) => [fromIndex((out as Value).shape, (...index) => f(at(a as Slow, ...index), at(b as Slow, ...index)))];

/** Folds the numbers along some axes, each kept with length 1. */
const reduce =
  (fold: (values: number[]) => number): Rule =>
  ([x], { axes }: Operations["reduceSum"], [out]) => {
    const groups = new Map<string, number[]>();
    const source = x as Slow;
    for (let flat = 0; flat < source.data.length; flat++) {
      const key = indexOf(flat, source.shape)
        .map((place, axis) => (axes.includes(axis) ? 0 : place))
        .join();
      groups.set(key, [...(groups.get(key) ?? []), source.data[flat] as number]);
    }
    return [fromIndex((out as Value).shape, (...index) => fold(groups.get(index.join()) as number[]))];
  };

/** Rows of the last axis through a function of matrices. */
const byRows = (x: Slow, f: (rows: Slow) => Slow): Slow => {
  const width = x.shape.at(-1) as number;
  return slow(f(slow(x.data, [x.data.length / width, width])).data, x.shape);
};

const total = (values: number[]): number => values.reduce((a, b) => a + b, 0);

/** What each operation means, one number at a time in float64. Operations of images are compared between engines elsewhere. */
const rules: Readonly<Partial<Record<keyof Operations, Rule>>> = {
  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b),
  div: binary((a, b) => a / b),
  maximum: binary(Math.max),
  minimum: binary(Math.min),
  greater: binary((a, b) => Number(a > b)),
  greaterEqual: binary((a, b) => Number(a >= b)),
  equal: binary((a, b) => Number(a === b)),
  neg: unary((x) => -x),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  erf: unary(slowErf),
  abs: unary(Math.abs),
  sign: unary(Math.sign),
  relu: unary((x) => Math.max(x, 0)),
  step: unary((x) => Number(x > 0)),
  gelu: ([x]) => [slowGelu(x as Slow)],
  cast: ([x]) => [x as Slow],
  where: ([c, a, b], _, [out]) => [
    fromIndex((out as Value).shape, (...index) => (at(c as Slow, ...index) !== 0 ? at(a as Slow, ...index) : at(b as Slow, ...index))),
  ],
  reduceSum: reduce(total),
  reduceMean: reduce((values) => total(values) / values.length),
  reduceMax: reduce((values) => Math.max(...values)),
  reshape: ([x], _, [out]) => [slow((x as Slow).data, (out as Value).shape)],
  expand: ([x], _, [out]) => [fromIndex((out as Value).shape, (...index) => at(x as Slow, ...index))],
  transpose: ([x], { order }: Operations["transpose"], [out]) => [
    fromIndex((out as Value).shape, (...index) => at(x as Slow, ...order.map((_, axis) => index[order.indexOf(axis)] as number))),
  ],
  slice: ([x], { start }: Operations["slice"], [out]) => [
    fromIndex((out as Value).shape, (...index) => at(x as Slow, ...index.map((place, axis) => place + (start[axis] as number)))),
  ],
  concat: (parts, { axis }: Operations["concat"], [out]) => [
    fromIndex((out as Value).shape, (...index) => {
      let place = index[axis] as number;
      for (const part of parts) {
        if (place < (part.shape[axis] as number)) return at(part, ...index.map((p, i) => (i === axis ? place : p)));
        place -= part.shape[axis] as number;
      }
      throw new Error("concat: an index past the end");
    }),
  ],
  pad: ([x], { before }: Operations["pad"], [out]) => [
    fromIndex((out as Value).shape, (...index) => {
      const places = index.map((place, axis) => place - (before[axis] as number));
      return places.every((place, axis) => place >= 0 && place < ((x as Slow).shape[axis] as number)) ? at(x as Slow, ...places) : 0;
    }),
  ],
  matmul: ([a, b, c], { transposeA, transposeB, alpha }: Operations["matmul"], [out]) => {
    const [left, right] = [a as Slow, b as Slow];
    const inner = left.shape.at(transposeA ? -2 : -1) as number;
    return [
      fromIndex((out as Value).shape, (...index) => {
        const [lead, i, j] = [index.slice(0, -2), index.at(-2) as number, index.at(-1) as number];
        let sum = 0;
        for (let k = 0; k < inner; k++)
          sum += at(left, ...lead, ...(transposeA ? [k, i] : [i, k])) * at(right, ...lead, ...(transposeB ? [j, k] : [k, j]));
        return alpha * sum + (c === undefined ? 0 : at(c, ...index));
      }),
    ];
  },
  softmax: ([x]) => [byRows(x as Slow, slowSoftmax)],
  layerNorm: ([x, scale, shift], { epsilon }: Operations["layerNorm"], [, mean]) => {
    const source = x as Slow;
    const width = source.shape.at(-1) as number;
    const groups = Array.from({ length: source.data.length / width }, (_, row) =>
      Array.from(source.data.slice(row * width, (row + 1) * width)),
    );
    const means = groups.map((row) => total(row) / width);
    const inverse = groups.map((row, i) => 1 / Math.sqrt(total(row.map((v) => (v - (means[i] as number)) ** 2)) / width + epsilon));
    const shape = (mean as Value).shape;
    return [byRows(source, (rows) => slowLayerNorm(rows, scale as Slow, shift as Slow, epsilon)), slow(means, shape), slow(inverse, shape)];
  },
  topK: ([x], { k }: Operations["topK"], [out]) => {
    const source = x as Slow;
    const width = source.shape.at(-1) as number;
    const best = Array.from({ length: source.data.length / width }, (_, row) =>
      [...source.data.slice(row * width, (row + 1) * width).entries()].sort((p, q) => q[1] - p[1] || p[0] - q[0]).slice(0, k),
    ).flat();
    const shape = (out as Value).shape;
    return [
      slow(
        best.map(([, value]) => value),
        shape,
      ),
      slow(
        best.map(([place]) => place),
        shape,
      ),
    ];
  },
};

/** The operations that the interpreter knows. */
export const interpreted = Object.keys(rules) as readonly (keyof Operations)[];

/** Computes a graph's outputs in float64, node by node. */
export const interpret = (graph: Graph, inputs: Readonly<Record<string, Slow>>): Readonly<Record<string, Slow>> => {
  const known = new Map<Value, Slow>();
  for (const { name, value } of graph.inputs) known.set(value, slow((inputs[name] as Slow).data, value.shape));
  for (const { value, data } of graph.constants)
    known.set(value, slow(Array.from(data as ArrayLike<number | bigint>, Number), value.shape));
  for (const node of graph.nodes as readonly Node[]) {
    const rule = rules[node.op];
    if (rule === undefined) throw new Error(`interpret: ${node.op} is not known`);
    const results = rule(
      node.inputs.map((value) => known.get(value) as Slow),
      node.attributes as never,
      node.outputs,
    );
    for (const [i, value] of node.outputs.entries()) known.set(value, results[i] as Slow);
  }
  return Object.fromEntries(graph.outputs.map(({ name, value }) => [name, known.get(value) as Slow]));
};
