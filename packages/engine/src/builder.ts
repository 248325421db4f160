import {
  type Constant,
  type ElementType,
  elementsOf,
  type Graph,
  type Named,
  type Node,
  type Numbers,
  type Op,
  type Operations,
  type Value,
} from "./graph.ts";
import { infer } from "./infer.ts";

/** A graph under construction. Equal nodes and equal small constants are made once. */
export interface GraphBuilder {
  readonly input: (name: string, shape: readonly number[], type: ElementType) => Value;
  readonly constant: (data: Numbers, shape: readonly number[], type: ElementType) => Value;
  readonly scalar: (value: number) => Value;
  readonly node: <K extends Op>(op: K, inputs: readonly Value[], attributes: Operations[K], path: string) => readonly Value[];
  readonly constantOf: (value: Value) => Numbers | undefined;
  readonly producer: (value: Value) => Node | undefined;
  readonly finish: (outputs: readonly Named[]) => Graph;
}

/** Up to this many numbers, constants are compared by content. */
const smallConstant = 64;

export const graphBuilder = (): GraphBuilder => {
  let count = 0;
  const inputs: Named[] = [];
  const constants = new Map<Value, Constant>();
  const nodes: Node[] = [];
  const producers = new Map<Value, Node>();
  const known = new Map<string, readonly Value[]>();
  const knownArrays = new Map<Numbers, Map<string, Value>>();
  const value = (shape: readonly number[], type: ElementType): Value => ({ id: count++, shape, type });

  const constant: GraphBuilder["constant"] = (data, shape, type) => {
    const kind = `${type}|${shape.join()}`;
    const byArray = knownArrays.get(data) ?? new Map<string, Value>();
    const content =
      data.length <= smallConstant ? `constant|${kind}|${[...data].map((x) => (Object.is(x, -0) ? "-0" : String(x))).join()}` : undefined;
    const found = byArray.get(kind) ?? (content === undefined ? undefined : known.get(content)?.[0]);
    if (found !== undefined) return found;
    const made = value(shape, type);
    constants.set(made, { value: made, data });
    knownArrays.set(data, byArray.set(kind, made));
    if (content !== undefined) known.set(content, [made]);
    return made;
  };

  const node: GraphBuilder["node"] = (op, ins, attributes, path) => {
    const key = `${op}|${ins.map((x) => x.id).join()}|${JSON.stringify(attributes)}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const bare = { op, inputs: ins, attributes } as unknown as Pick<Node, "op" | "attributes"> & { readonly inputs: readonly Value[] };
    const outputs = infer(bare).map((kind) => value(kind.shape, kind.type));
    const made = { op, inputs: ins, outputs, attributes, path } as unknown as Node;
    nodes.push(made);
    for (const output of outputs) producers.set(output, made);
    known.set(key, outputs);
    return outputs;
  };

  return {
    input: (name, shape, type) => {
      const made = value(shape, type);
      inputs.push({ name, value: made });
      return made;
    },
    constant,
    scalar: (x) => constant(Float32Array.of(x), [], "float32"),
    node,
    constantOf: (x) => constants.get(x)?.data,
    producer: (x) => producers.get(x),
    finish: (outputs) => ({ inputs, constants: [...constants.values()], nodes, outputs }),
  };
};

/** Whether a value is one number, of any rank. */
export const isSingle = (value: Value): boolean => elementsOf(value.shape) === 1;
