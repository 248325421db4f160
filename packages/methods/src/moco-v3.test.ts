import { add, constant, evaluate, type HostArray, leaves, mul, type Tensor } from "@twinview/core";
import { drawn, expectClose, slow, slowInfoNce, slowL2Normalize } from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import { mocoV3 } from "./index.ts";

const tensor = (x: { readonly data: ArrayLike<number>; readonly shape: readonly number[] }): Tensor =>
  constant(Array.from(x.data), x.shape);

describe("mocoV3", () => {
  test("takes queries of each view against the other view's keys, and adds the two losses", () => {
    const of = (seed: number) => drawn([5, 4], { seed });
    const [q1, q2, k1, k2] = [of(1), of(2), of(3), of(4)];
    const tau = 0.3;
    // heads that can be followed by hand: projector 2 x, predictor x + 1, target projector 3 x
    const { loss } = evaluate(() => {
      const out = mocoV3({ tau }).loss({
        features: { q1: tensor(q1), q2: tensor(q2), k1: tensor(k1), k2: tensor(k2) },
        heads: { projector: (x) => mul(x, 2), predictor: (x) => add(x, 1) },
        target: { projector: (x) => mul(x, 3) },
        carried: null,
        ctx: { train: true, hyper: {} },
      });
      return { loss: out.loss };
    }) as unknown as { loss: HostArray };
    const unit = (x: typeof q1, f: (value: number) => number) => slowL2Normalize(slow(Array.from(x.data, f), x.shape));
    const query = (x: typeof q1) => unit(x, (value) => 2 * value + 1);
    const key = (x: typeof q1) => unit(x, (value) => 3 * value);
    const expected = slowInfoNce(query(q1), key(k2), tau) + slowInfoNce(query(q2), key(k1), tau);
    expectClose(loss.data, [expected], { relative: 2e-6 });
  });

  test("has the official heads: three layers and two, 4096 wide, 256 out, norms without scale and shift at the end", () => {
    const heads = mocoV3().heads(384);
    const small = mocoV3({ hidden: 5, out: 3 }).heads(4);
    const shapes = (head: keyof typeof small): Readonly<Record<string, readonly number[]>> =>
      Object.fromEntries(
        leaves<HostArray>(evaluate(() => small[head].init({ key: [1, 2] }) as never)).map(([path, { shape }]) => [path, shape]),
      );
    expect(shapes("projector")).toEqual({
      "fc1/w": [4, 5],
      "bn1/scale": [5],
      "bn1/shift": [5],
      "fc2/w": [5, 5],
      "bn2/scale": [5],
      "bn2/shift": [5],
      "fc3/w": [5, 3],
    });
    expect(shapes("predictor")).toEqual({ "fc1/w": [3, 5], "bn1/scale": [5], "bn1/shift": [5], "fc2/w": [5, 3] });
    expect(Object.keys(heads)).toEqual(["projector", "predictor"]);
  });

  test("looks at two views, the pair of its paper, each by both networks", () => {
    const method = mocoV3({ smallestCrop: 0.2 });
    expect(method.encodings).toEqual({
      q1: { encoder: "online", view: 0 },
      q2: { encoder: "online", view: 1 },
      k1: { encoder: "target", view: 0 },
      k2: { encoder: "target", view: 1 },
    });
    const views = method.views(32);
    expect(views.map(({ size }) => size)).toEqual([32, 32]);
    expect(JSON.stringify(views)).toContain("[0.2,1]");
    expect(method.targetHeads).toEqual(["projector"]);
  });
});
