import { constant, hostArray, matMul, type Tensor } from "@twinview/core";
import type { Engine } from "@twinview/engine";

const side = 1024;

/** The machine's matrix-product speed through an engine, in billions of floating-point operations a second: the best of a few runs. */
export const measureGflops = async (engine: Engine, threads?: number): Promise<number> => {
  const program = {
    inputs: { a: { shape: [side, side], dtype: "float32" as const } },
    run: ({ inputs }: { readonly inputs: Readonly<Record<string, Tensor>> }) => {
      const a = inputs.a as Tensor;
      const once = matMul(a, a, { alpha: 1 / side });
      return {
        outputs: { corner: matMul(constant([1, ...new Array(side - 1).fill(0)], [1, side]), matMul(once, a, { alpha: 1 / side })) },
      };
    },
  };
  const session = await engine.open({ state: null, programs: { program }, threads });
  try {
    const a = hostArray(
      Float32Array.from({ length: side * side }, (_, i) => (i % 7) - 3),
      [side, side],
    );
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 6; i++) best = Math.min(best, (await session.run("program", { a })).seconds);
    return (2 * 2 * side ** 3) / best / 1e9;
  } finally {
    await session.close();
  }
};
