import { drawn, expectClose, type Slow, slow } from "@twinview/testkit";
import { describe, expect, test } from "vitest";
import { graphBuilder } from "../builder.ts";
import { type Graph, only, type Value } from "../graph.ts";
import { interpret } from "../interpret.test.kit.ts";
import { roleName } from "../roles.ts";
import { dropDeadCode } from "./dead-code.ts";
import { packState } from "./pack-state.ts";

const none = {} as const;
type Builder = ReturnType<typeof graphBuilder>;

/** `m = .9 m + g`, `p = p - lr m` for each leaf, gradients as inputs. */
const momentum = (shapes: Readonly<Record<string, readonly number[]>>, extra: (b: Builder) => void = () => undefined): Graph => {
  const b = graphBuilder();
  const rate = b.input(roleName("input", "lr"), [], "float32");
  const outputs = Object.entries(shapes).flatMap(([name, shape]) => {
    const p = b.input(roleName("state", `p/${name}`), shape, "float32");
    const m = b.input(roleName("state", `m/${name}`), shape, "float32");
    const g = b.input(roleName("input", name), shape, "float32");
    const next = only(b.node("add", [only(b.node("mul", [m, b.scalar(0.9)], none, "optimizer")), g], none, "optimizer"));
    const moved = only(b.node("sub", [p, only(b.node("mul", [next, rate], none, "optimizer"))], none, "optimizer"));
    return [
      { name: roleName("write", `p/${name}`), value: moved },
      { name: roleName("write", `m/${name}`), value: next },
    ];
  });
  extra(b);
  return b.finish(outputs);
};

/** All leaves of the new state, whether the graph writes them alone or inside packs. */
const written = (
  { graph, packs }: ReturnType<typeof packState>,
  inputs: Readonly<Record<string, Slow>>,
): Readonly<Record<string, Slow>> => {
  const vectors = Object.fromEntries(
    packs.map(({ name, size, leaves }) => {
      const data = new Float64Array(size);
      for (const { path, offset } of leaves) data.set((inputs[roleName("state", path)] as Slow).data, offset);
      return [roleName("pack", name), slow(data)];
    }),
  );
  const results = interpret(graph, { ...inputs, ...vectors });
  const inside = packs.flatMap(({ name, leaves }) =>
    leaves.map(({ path, offset, shape }) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return [roleName("write", path), slow((results[roleName("packed", name)] as Slow).data.slice(offset, offset + size), shape)] as const;
    }),
  );
  return Object.fromEntries([...Object.entries(results).filter(([name]) => name.startsWith("write:")), ...inside]);
};

const drawnInputs = (graph: Graph): Readonly<Record<string, Slow>> =>
  Object.fromEntries(graph.inputs.map(({ name, value }, i) => [name, drawn(value.shape, { seed: i + 1 })]));
const expectSameState = (graph: Graph): ReturnType<typeof packState> => {
  const packed = packState(graph);
  const inputs = drawnInputs(graph);
  const [expected, found] = [interpret(graph, inputs), written(packed, inputs)];
  expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, array] of Object.entries(expected)) expectClose(found[name] as Slow, array, { name, absolute: 1e-12 });
  return packed;
};
const pathsOf = ({ packs }: ReturnType<typeof packState>): readonly (readonly string[])[] =>
  packs.map(({ leaves }) => leaves.map(({ path }) => path));

describe("packState", () => {
  test("lays leaves of equal updates side by side, one vector for each part of the update", () => {
    const graph = momentum({ a: [3], b: [2, 2], c: [5] });
    const packed = expectSameState(graph);
    expect(
      pathsOf(packed)
        .map((paths) => [...paths].sort())
        .sort(),
    ).toEqual([
      ["m/a", "m/b", "m/c"],
      ["p/a", "p/b", "p/c"],
    ]);
    for (const { size, leaves } of packed.packs) {
      expect(size).toBe(12);
      expect(leaves.map(({ offset, shape }) => [offset, shape])).toEqual([
        [0, [3]],
        [3, [2, 2]],
        [7, [5]],
      ]);
    }
    const arithmetic = (g: Graph): number => dropDeadCode(g).nodes.filter(({ op }) => ["add", "sub", "mul"].includes(op)).length;
    expect([arithmetic(graph), arithmetic(packed.graph)]).toEqual([12, 4]);
  });

  test("keeps a new value that something else reads", () => {
    const b = graphBuilder();
    const outputs = ["a", "b"].flatMap((name) => {
      const p = b.input(roleName("state", name), [4], "float32");
      const next = only(b.node("mul", [p, b.scalar(0.5)], none, ""));
      return [
        { name: roleName("write", name), value: next },
        { name: roleName("output", `sum of ${name}`), value: only(b.node("reduceSum", [next], { axes: [0] }, "")) },
      ];
    });
    const graph = b.finish(outputs);
    const packed = packState(graph);
    const inputs = drawnInputs(graph);
    expect(packed.packs).toHaveLength(1);
    const vector = slow([...(inputs["state:a"] as Slow).data, ...(inputs["state:b"] as Slow).data]);
    const found = interpret(packed.graph, { ...inputs, "pack:0.0": vector });
    for (const name of ["output:sum of a", "output:sum of b"])
      expectClose(found[name] as Slow, interpret(graph, inputs)[name] as Slow, { name, absolute: 1e-12 });
  });

  test("groups by the computation: leaves with another update, or that share nothing, stay apart", () => {
    const b = graphBuilder();
    const leaf = (name: string): Value => b.input(roleName("state", name), [4], "float32");
    const halved = ["a", "b"].map((name) => ({
      name: roleName("write", name),
      value: only(b.node("mul", [leaf(name), b.scalar(0.5)], none, "")),
    }));
    const doubled = ["c", "d"].map((name) => ({
      name: roleName("write", name),
      value: only(b.node("mul", [leaf(name), b.scalar(2)], none, "")),
    }));
    const alone = { name: roleName("write", "e"), value: only(b.node("exp", [leaf("e")], none, "")) };
    const packed = expectSameState(b.finish([...halved, ...doubled, alone]));
    expect(pathsOf(packed)).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
    expect(packed.graph.outputs.map(({ name }) => name)).toContain("write:e");
  });

  test("leaves large ones, single numbers, and leaves without a companion as they are", () => {
    const packed = packState(momentum({ big1: [16_385], big2: [16_385], one1: [], one2: [], single1: [1], single2: [1], lonely: [6] }));
    expect(packed.packs).toEqual([]);
    expect(packed.graph.outputs.map(({ name }) => name).filter((name) => name.startsWith("write:"))).toHaveLength(14);
    expectSameState(momentum({ one1: [], one2: [], lonely: [6] }));
  });

  test("leaves a graph without state alone", () => {
    const b = graphBuilder();
    const x = b.input(roleName("input", "x"), [4], "float32");
    const graph = b.finish([{ name: roleName("output", "y"), value: only(b.node("neg", [x], none, "")) }]);
    const { packs, graph: after } = packState(graph);
    expect([packs, after.nodes.map(({ op }) => op)]).toEqual([[], ["neg"]]);
  });
});
