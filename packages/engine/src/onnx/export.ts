import { type HostTree, leaves } from "@twinview/core";
import { compile } from "../compile.ts";
import type { Program } from "../engine.ts";
import type { Constant, Graph, Numbers } from "../graph.ts";
import { roleOf } from "../roles.ts";
import { dynamicBatch } from "./dynamic-batch.ts";
import { standardOperations } from "./standard-operations.ts";
import { writeOnnx } from "./write.ts";

/** Two sizes of the batch to trace with: primes that no width, patch or image side is likely to be. */
const batches = [11, 13] as const;

/** A program that only reads its state, as a graph of its own: the state inside, inputs and outputs by their plain names. */
const standing = (program: Program, state: HostTree): Graph => {
  const { graph, scalars } = compile(program, state);
  if (scalars.length > 0) throw new Error(`exportOnnx: the outputs ${scalars.join(", ")} are single numbers`);
  const values = new Map(leaves(state).map(([path, array]) => [path, array as { readonly data: Numbers }] as const));
  const held = graph.inputs.flatMap(({ name, value }): readonly Constant[] => {
    const role = roleOf(name);
    return role.kind === "state" ? [{ value, data: values.get(role.name)?.data as Numbers }] : [];
  });
  const plain = (named: Graph["inputs"]): Graph["inputs"] =>
    named.flatMap(({ name, value }) => {
      const role = roleOf(name);
      return role.kind === "input" || role.kind === "output" ? [{ name: role.name, value }] : [];
    });
  return { inputs: plain(graph.inputs), constants: [...held, ...graph.constants], nodes: graph.nodes, outputs: plain(graph.outputs) };
};

/**
 * A program as an ONNX file for others: its state inside as weights, standard operations only, and a first axis of inputs and
 * outputs, named `batch`, that is open. `program` gives it for a size of the batch.
 * @throws Error where the program mixes the images of its batch, writes its state, or has scalar outputs.
 */
export const exportOnnx = (program: (batch: number) => Program, state: HostTree): Uint8Array => {
  const [graph, other] = batches.map((batch) => standardOperations(standing(program(batch), state))) as [Graph, Graph];
  const open = dynamicBatch({ graph, other });
  return writeOnnx(open.graph, open.dims);
};
