import type { Graph } from "../graph.ts";
import { accumulateProducts } from "./accumulate.ts";
import { dropDeadCode } from "./dead-code.ts";
import { simplify } from "./simplify.ts";

/** All passes in their order. Each leaves the values of the outputs equal. */
export const optimize = (graph: Graph): Graph =>
  [dropDeadCode, simplify, accumulateProducts, dropDeadCode].reduce((g, pass) => pass(g), graph);
