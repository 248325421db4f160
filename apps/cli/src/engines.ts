import { type Engine, findTensorflow, onnxEngine, referenceEngine, tensorflowEngine } from "@twinview/engine";

/** Every engine by its name on the command line. Building one fails where what it needs is not installed. */
const engines = {
  onnx: (): Engine => onnxEngine(),
  tensorflow: (): Engine => {
    findTensorflow(); // refused now, before anything is measured or written
    return tensorflowEngine();
  },
  reference: referenceEngine,
} as const;

export type EngineName = keyof typeof engines;

export const engineNames = Object.keys(engines) as readonly EngineName[];

/** The engine of a name on the command line. */
export const engineOf = (name: EngineName): Engine => engines[name]();

/** The engine of a name from a file; undefined where there is none of that name. */
export const engineNamed = (name: string): Engine | undefined => (Object.hasOwn(engines, name) ? engineOf(name as EngineName) : undefined);
