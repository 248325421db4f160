import { div, hostArray, log, scope, sum, type Tensor } from "@twinview/core";
import type { Program } from "@twinview/engine";
import { describe, expect, test } from "vitest";
import { graphEngines } from "../tables/engines.ts";

describe.each(graphEngines)("where numbers stop being finite on the $name engine", (engine) => {
  test("the first place is the operation that made the infinity, not those after it; nothing is written", async () => {
    const program: Program = {
      inputs: { x: { shape: [3], dtype: "float32" } },
      run: ({ state, inputs }) => {
        const x = scope("first", () => div(inputs.x as Tensor, 2));
        const y = scope("second", () => log(x));
        return { state, outputs: { total: scope("third", () => sum(y)) } };
      },
    };
    const session = await engine.open({ state: null, programs: { program }, threads: 1 });
    const ask = (numbers: readonly number[]) => session.nonFinite?.("program", { x: hostArray(numbers, [3]) });
    expect(await ask([1, 2, 3])).toEqual([]);
    expect((await ask([1, 0, 3]))?.map(({ path }) => path)).toEqual(["second", "third"]);
    expect((await ask([1, Number.NaN, 3]))?.[0]).toEqual({ path: "input:x", op: "input", shape: [3] });
    await expect(session.nonFinite?.("other" as "program", {})).rejects.toThrow("there is no program other");
    await session.close();
  });
});
