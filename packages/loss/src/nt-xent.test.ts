import * as core from "@twinview/core";
import { dot, drawn, expectClose, operationChecks, type Slow, slow } from "@twinview/testkit";
import { describe, expect, it } from "vitest";
import { infoNce } from "./info-nce.ts";
import { ntXent } from "./nt-xent.ts";
import { average, logSoftmax, rowsOf, scalar, unitRows } from "./slow-losses.test.kit.ts";

const { checkOperation, numbersOf } = operationChecks<core.Tensor>(core as never);

/** Anchor by anchor: the log-probability of each positive among everything but the anchor. */
const slowNtXent = (views: readonly Slow[], tau: number): Slow => {
  const batch = views[0]?.shape[0] as number;
  const rows = views.flatMap(rowsOf);
  const losses = rows.map((anchor, i) => {
    const others = rows.flatMap((row, k) => (k === i ? [] : [{ k, similarity: dot(anchor, row) / tau }]));
    const logs = logSoftmax(others.map(({ similarity }) => similarity));
    return -average(logs.filter((_, at) => (others[at] as { k: number }).k % batch === i % batch));
  });
  return scalar(average(losses));
};

const unit = (rows: number, width: number, seed: number): Slow => unitRows(drawn([rows, width], { seed }));
const names = ["a", "b", "c", "d"] as const;

describe("ntXent", () => {
  for (const views of [2, 3, 4]) {
    for (const tau of [0.05, 0.5]) {
      it(`equals the slow twin and its finite differences for ${views} views and tau ${tau}`, () => {
        const used = names.slice(0, views);
        const inputs = Object.fromEntries(used.map((name, i) => [name, unit(5, 7, i + 1)])) as Record<string, Slow>;
        checkOperation({
          inputs,
          f: (x) =>
            ntXent(
              used.map((name) => x[name] as core.Tensor),
              tau,
            ),
          slow: (x) =>
            slowNtXent(
              used.map((name) => x[name] as Slow),
              tau,
            ),
        });
      });
    }
  }

  it("is log(2 B - 1) when all embeddings are the same", () => {
    const same = slow(Array.from({ length: 6 }, () => [0.6, 0.8]).flat(), [6, 2]);
    const tensor = () => core.constant(Array.from(same.data), same.shape);
    const loss = numbersOf(() => ntXent([tensor(), tensor()], 0.05));
    expectClose(loss, Math.log(11), { absolute: 1e-5 }); // the logits are 20: their last digit is 2e-6
  });

  it("stays exact for opposite and equal embeddings at tau .05 and .005", () => {
    for (const tau of [0.05, 0.005]) {
      const [a, b] = [slow([1, 0, -1, 0], [2, 2]), slow([1, 0, -1, 0], [2, 2])];
      checkOperation({
        inputs: { a, b },
        f: (x) => ntXent([x.a, x.b], tau),
        slow: (x) => slowNtXent([x.a, x.b], tau),
        value: { absolute: 1e-5 },
        gradient: { absolute: 1e-5 / tau },
      });
    }
  });

  it("differs from MoCo v3's loss by the negatives of the same view", () => {
    // with one image there is no other image: infoNce has no negatives, and here each anchor sees its positive only
    const one = unit(1, 4, 1);
    const two = unit(1, 4, 2);
    const at = (x: Slow) => core.constant(Array.from(x.data), x.shape);
    expectClose(
      numbersOf(() => ntXent([at(one), at(two)], 0.2)),
      0,
      { absolute: 1e-6 },
    );
    expectClose(
      numbersOf(() => infoNce(at(one), at(two), 0.2)),
      0,
      { absolute: 1e-6 },
    );
  });

  it("refuses one view, shapes that differ and a temperature of 0", () => {
    const x = core.constant([1, 0, 0, 1], [2, 2]);
    const y = core.constant([1, 0, 0, 1, 1, 0], [3, 2]);
    expect(() => ntXent([x], 0.1)).toThrow("ntXent: views.length is 1, expected at least two views");
    expect(() => ntXent([x, y], 0.1)).toThrow("ntXent: views[1] has shape [3, 2], expected [2, 2]");
    expect(() => ntXent([x, x], 0)).toThrow("ntXent: tau is 0, expected a temperature above 0");
  });
});
