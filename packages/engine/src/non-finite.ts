import { graphBuilder } from "./builder.ts";
import type { Graph, Op, Value } from "./graph.ts";
import { countUses } from "./rewrite.ts";
import { roleName } from "./roles.ts";

/** A value of a program's graph that holds a NaN or an infinity. */
export interface NonFinite {
  /** Where in the model it comes from, or the role and name of an input: `state:online/encoder/patch/w`. */
  readonly path: string;
  readonly op: Op | "input";
  readonly shape: readonly number[];
}

/** Operations that only move numbers: what is not finite in their output was so in an input. */
const moves: ReadonlySet<Op> = new Set<Op>(["reshape", "transpose", "slice", "concat", "pad", "expand", "cast"]);

/** The output of a {@link flagged} graph. */
export const flagsName = roleName("output", "flags");

/**
 * A graph that tells which values of another are not finite: its one output `flags [N]` holds a NaN for each of the N values of `places`
 * that has one not finite, else 0. The values are the float inputs that it reads and what nodes compute, in their order; nodes that only move
 * numbers are left out.
 */
export const flagged = (graph: Graph): { readonly graph: Graph; readonly places: readonly NonFinite[] } => {
  const builder = graphBuilder();
  const places: NonFinite[] = [];
  const flags: Value[] = [];
  const copies = new Map<Value, Value>();
  const read = countUses(graph);
  const zero = builder.scalar(0);
  const copied = (value: Value): Value => copies.get(value) as Value;
  const flag = (value: Value, path: string, op: NonFinite["op"]): void => {
    if (value.type !== "float32") return;
    // 0 x is 0 where x is finite and NaN elsewhere, and so is the sum
    let one = builder.node("mul", [value, zero], {}, "flags")[0] as Value;
    if (value.shape.length > 0) one = builder.node("reduceSum", [one], { axes: value.shape.map((_, axis) => axis) }, "flags")[0] as Value;
    flags.push(builder.node("reshape", [one], { shape: [1] }, "flags")[0] as Value);
    places.push({ path, op, shape: value.shape });
  };
  for (const { value, data } of graph.constants) copies.set(value, builder.constant(data, value.shape, value.type));
  for (const { name, value } of graph.inputs) {
    copies.set(value, builder.input(name, value.shape, value.type));
    if (read.has(value)) flag(copied(value), name, "input");
  }
  for (const node of graph.nodes) {
    const outputs = builder.node(node.op, node.inputs.map(copied), node.attributes as never, node.path);
    for (const [i, output] of outputs.entries()) {
      copies.set(node.outputs[i] as Value, output);
      if (!moves.has(node.op)) flag(output, node.path, node.op);
    }
  }
  const all = builder.node("concat", flags, { axis: 0 }, "flags")[0] as Value;
  return { graph: builder.finish([{ name: flagsName, value: all }]), places };
};

/** The places of a {@link flagged} graph whose flags are NaN. */
export const placesOf = (places: readonly NonFinite[], flags: ArrayLike<number>): readonly NonFinite[] =>
  places.filter((_, i) => !Number.isFinite(flags[i]));
