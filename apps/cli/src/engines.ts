import { failure, userError } from "@twinview/config";
import { type Device, type Engine, findTensorflow, onnxEngine, referenceEngine, tensorflowEngine } from "@twinview/engine";

/** Every engine by its name on the command line. Building one fails where what it needs is not installed. */
const engines = {
  onnx: (device?: Device): Engine => onnxEngine({ device }),
  tensorflow: (): Engine => {
    findTensorflow(); // refused now, before anything is measured or written
    return tensorflowEngine();
  },
  reference: (): Engine => referenceEngine(),
} as const;

export type EngineName = keyof typeof engines;

export const engineNames = Object.keys(engines) as readonly EngineName[];

/** The flags that say what computes. */
export interface EngineFlags {
  readonly engine: EngineName;
  readonly device: Device | undefined;
}

/** The engine that the flags ask for; an error where it, or its device, is not there. */
export const engineOf = async ({ engine: name, device }: EngineFlags): Promise<Engine> => {
  if (device !== undefined && name !== "onnx")
    throw failure(
      userError("flags", "--device chooses among the devices of the onnx engine", {
        got: `--engine ${name} --device ${device}`,
        fix: "leave --device out; tensorflow takes a GPU by itself where @tensorflow/tfjs-node-gpu finds one",
      }),
    );
  const engine = engines[name](device);
  if (device !== undefined && device !== "cpu") await (await engine.open({ state: null, programs: {} })).close();
  return engine;
};

const named: Readonly<Record<string, () => Engine>> = {
  ...engines,
  onnx: () => engines.onnx(),
  "onnx/cuda": () => engines.onnx("cuda"),
  "onnx/webgpu": () => engines.onnx("webgpu"),
};

/** The engine of a name from a file, its device included; undefined where there is none of that name. */
export const engineNamed = (name: string): Engine | undefined => (Object.hasOwn(named, name) ? named[name]?.() : undefined);
