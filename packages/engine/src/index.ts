export { costOf, memoryOf } from "./cost.ts";
export type { Graph } from "./graph.ts";
export { writeOnnx } from "./onnx/write.ts";
export { accumulateProducts } from "./passes/accumulate.ts";
export { dropDeadCode } from "./passes/dead-code.ts";
export { simplify } from "./passes/simplify.ts";
export { printGraph } from "./print.ts";
export { type InputSpec, trace } from "./trace.ts";
