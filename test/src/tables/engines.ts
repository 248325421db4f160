import { type Engine, findTensorflow, onnxEngine, tensorflowEngine } from "@twinview/engine";

/** Why the tensorflow engine is not among those that are tested here; undefined where it is. */
export const noTensorflow: string | undefined = (() => {
  try {
    findTensorflow();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
})();

/** Every engine that has to give the numbers of the reference engine; the optional ones where they are installed. */
export const engines: readonly Engine[] = [onnxEngine({ spinning: false }), ...(noTensorflow === undefined ? [tensorflowEngine()] : [])];

/** Those of them that have a program as a graph, and tell which values inside it are not finite. */
export const graphEngines: readonly Engine[] = engines.filter(({ name }) => name !== "tensorflow");
