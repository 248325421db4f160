import { type Engine, onnxEngine } from "@twinview/engine";

/** Every engine that has to give the numbers of the reference engine. */
export const engines: readonly Engine[] = [onnxEngine({ spinning: false })];
