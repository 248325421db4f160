import { readFileSync } from "node:fs";
import { encoderWeights, openRun } from "@twinview/assess";
import { type HostArray, type HostTree, type Tensor, type Tree, transpose } from "@twinview/core";
import { type Engine, onnxEngine, referenceEngine } from "@twinview/engine";
import { mocoV3App } from "@twinview/moco-v3";
import ort from "onnxruntime-node";

/** Features of normalised images `[B, 3, S, S]` by a run's encoder in an engine, without the code that exports. */
const featuresBy = async (engine: Engine, run: string, images: HostArray): Promise<HostArray> => {
  const { encoder, params, state } = encoderWeights(await openRun({ "moco-v3": mocoV3App }, run), "online");
  const session = await engine.open({
    state: { params, state } as HostTree,
    programs: {
      features: {
        inputs: { images: { shape: images.shape, dtype: "float32" } },
        run: ({ state: held, inputs }) => {
          const vars = held as unknown as { readonly params: Tree<Tensor>; readonly state: Tree<Tensor> };
          const rows = transpose(inputs.images as Tensor, [0, 2, 3, 1]);
          return { outputs: { features: encoder.apply(vars, rows, { train: false, hyper: {} }).out } };
        },
      },
    },
  });
  try {
    return (await session.run("features", { images })).outputs.features as HostArray;
  } finally {
    await session.close();
  }
};

/** Operation by operation on the plain JavaScript backend: slow, and nothing is shared with what exports. */
export const slowFeatures = (run: string, images: HostArray): Promise<HostArray> => featuresBy(referenceEngine(), run, images);

/** In the engine that trains. */
export const engineFeatures = (run: string, images: HostArray): Promise<HostArray> => featuresBy(onnxEngine(), run, images);

/** What onnxruntime makes of an exported file. */
export const byOnnxruntime = async (file: string, { shape, data }: HostArray) => {
  const session = await ort.InferenceSession.create(readFileSync(file), { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const { features } = await session.run({ pixel_values: new ort.Tensor("float32", data as Float32Array, [...shape]) });
  await session.release();
  return { shape: features?.dims ?? [], data: features?.data as Float32Array };
};
