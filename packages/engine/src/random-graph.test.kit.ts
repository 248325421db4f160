import { drawn, type Slow, seeded } from "@twinview/testkit";
import { graphBuilder } from "./builder.ts";
import type { ElementType, Graph, Op, Operations, Value } from "./graph.ts";

const none = {} as const;

/** A random graph over small matrices, with numbers for its inputs. Its values stay of size 1 or so, whatever is combined. */
export interface RandomGraph {
  readonly graph: Graph;
  readonly inputs: Readonly<Record<string, Slow>>;
}

/**
 * Draws a graph of about `size` values, constants and inputs among them. Neutral elements, constant factors, reshapes of reshapes, idle transposes, sums of products
 * and results that nobody reads are all likely: what the passes look for.
 */
export const randomGraph = (seed: number, size = 40): RandomGraph => {
  const next = seeded(seed);
  const below = (n: number): number => Math.floor(next() * n);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T;
  const builder = graphBuilder();
  const shapes: readonly (readonly number[])[] = [[2, 3], [3, 2], [3, 3], [2, 3], [1, 3], [3], [], [2, 3, 2]] as const;
  const inputs: Record<string, Slow> = {};
  const values: Value[] = [];
  for (const [i, shape] of shapes.slice(0, 5).entries()) {
    values.push(builder.input(`x${i}`, shape, "float32"));
    inputs[`x${i}`] = drawn(shape, { seed: 100 * seed + i });
  }
  for (const shape of shapes) {
    const kind = below(3);
    const numbers =
      kind === 2
        ? Float32Array.from(drawn(shape, { seed: 100 * seed + 50 }).data)
        : new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(kind);
    values.push(builder.constant(numbers, shape, "float32"));
  }
  const emit = <K extends Op>(op: K, ins: readonly Value[], attributes: Operations[K]): Value =>
    builder.node(op, ins, attributes, `n${values.length}`)[0] as Value;
  const ofRank = (rank: number): Value | undefined => {
    const fitting = values.filter(({ shape }) => shape.length === rank);
    return fitting.length === 0 ? undefined : pick(fitting);
  };
  const withAxes = (): Value => pick(values.filter(({ shape }) => shape.length > 0));
  const like = (x: Value): Value => pick([x, ...values].filter(({ shape }) => shape.join() === x.shape.join()));
  const scalar = (): Value => builder.scalar(pick([0, 1, 0.5, -2, 0.25]));
  const one = (): Value => builder.scalar(1);
  const absolute = (x: Value): Value => emit("abs", [x], none);

  const makers: readonly (() => Value | undefined)[] = [
    () => {
      const x = pick(values);
      return emit(
        pick(["add", "sub", "mul", "maximum", "minimum"] as const),
        pick([
          [x, like(x)],
          [x, scalar()],
          [scalar(), x],
        ]),
        none,
      );
    },
    () => {
      const x = ofRank(2);
      return (
        x &&
        emit(
          pick(["add", "mul"] as const),
          [
            x,
            builder.constant(
              Float32Array.from({ length: x.shape[1] as number }, () => below(2)),
              [x.shape[1] as number],
              "float32",
            ),
          ],
          none,
        )
      );
    },
    () => emit(pick(["neg", "abs", "relu", "erf", "gelu", "sign", "step"] as const), [pick(values)], none),
    () => {
      const x = pick(values);
      return emit("div", [x, emit("add", [absolute(like(x)), one()], none)], none);
    },
    () => emit("exp", [emit("neg", [absolute(pick(values))], none)], none),
    () => emit("log", [emit("add", [absolute(pick(values)), one()], none)], none),
    () => emit("sqrt", [emit("add", [absolute(pick(values)), one()], none)], none),
    () => {
      const x = pick(values);
      return emit("where", [emit(pick(["greater", "greaterEqual"] as const), [x, like(x)], none), x, like(x)], none);
    },
    () => {
      const x = pick(values);
      return emit("cast", [emit("equal", [x, like(x)], none)], { to: "float32" });
    },
    () => {
      const x = withAxes();
      return emit(pick(["reduceSum", "reduceMean", "reduceMax"] as const), [x], { axes: [below(x.shape.length)] });
    },
    () => {
      const x = pick(values);
      return emit("reshape", [x], {
        shape: pick([[x.shape.reduce((a, b) => a * b, 1)], [1, ...x.shape], [...x.shape], [...x.shape].reverse()]),
      });
    },
    () => {
      const x = ofRank(2);
      return (
        x &&
        emit("transpose", [x], {
          order: pick([
            [1, 0],
            [0, 1],
          ]),
        })
      );
    },
    () => {
      const x = ofRank(2);
      return (
        x &&
        emit(
          "slice",
          [x],
          pick([
            { start: [0, 0], size: [...x.shape] },
            { start: [below(x.shape[0] as number), 0], size: [1, x.shape[1] as number] },
          ]),
        )
      );
    },
    () => {
      const x = withAxes();
      return emit("concat", pick([[x], [x, like(x)]]), { axis: below(x.shape.length) });
    },
    () => {
      const x = ofRank(1);
      return x && emit("pad", [x], { before: [below(2)], after: [below(2)] });
    },
    () => {
      const x = ofRank(2);
      return x && emit("expand", [x], { shape: pick([[...x.shape], [2, ...x.shape]]) });
    },
    () => {
      const [a, b] = [ofRank(2), ofRank(2)];
      const [transposeA, transposeB] = [next() < 0.5, next() < 0.5];
      if (!a || !b || a.shape[transposeA ? 0 : 1] !== b.shape[transposeB ? 1 : 0]) return undefined;
      const product = emit("matmul", [a, b], { transposeA, transposeB, alpha: pick([1, 0.5]) });
      return pick([product, emit("mul", [product, scalar()], none), emit("add", [product, like(product)], none)]);
    },
    () => {
      const x = withAxes();
      return emit("softmax", [x], none);
    },
    () => {
      const x = ofRank(2);
      const width = x?.shape[1] as number;
      const row = (): Value => builder.constant(Float32Array.from(drawn([width], { seed: below(1000) }).data), [width], "float32");
      return x && emit("layerNorm", [x, row(), row()], { epsilon: 0.1 }); // so large that rows of equal numbers do not blow rounding up
    },
  ];
  for (let tries = 0; values.length < size && tries < 10 * size; tries++) {
    const made = pick(makers)();
    if (made !== undefined && made.shape.reduce((a, b) => a * b, 1) <= 64) values.push(made);
  }
  const type: ElementType = "float32";
  const read = values.filter((value) => value.type === type && next() < 0.3);
  const outputs = [...read, values.at(-1) as Value].map((value, i) => ({ name: `y${i}`, value }));
  return { graph: builder.finish(outputs), inputs };
};
