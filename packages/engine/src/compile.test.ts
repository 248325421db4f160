import { add, exp, type HostArray, type HostTree, hostArray, mul, ShapeError, sum, type Tensor, type Tree } from "@twinview/core";
import { describe, expect, test } from "vitest";
import { checkInputs, programOf } from "./check-inputs.ts";
import { compile, compileAll } from "./compile.ts";
import type { Program } from "./engine.ts";
import { layoutOf } from "./layout.ts";
import { memoryOfSession } from "./memory.ts";
import { roleName, roleOf, scalarsName } from "./roles.ts";

const state: HostTree = { params: { w: hostArray([1, 2, 3, 4], [2, 2]), b: hostArray([5, 6], [2]) }, count: hostArray([0], []) };
type State = { readonly params: { readonly w: Tensor; readonly b: Tensor }; readonly count: Tensor };
const program = (run: (state: State, x: Tensor) => ReturnType<Program["run"]>): Program => ({
  inputs: { x: { shape: [2], dtype: "float32" } },
  run: ({ state: at, inputs }) => run(at as unknown as State, inputs.x as Tensor),
});

describe("compile", () => {
  const updating = program((at, x) => ({
    state: { params: { w: at.params.w, b: add(at.params.b, x) }, count: add(at.count, 1) } as Tree<Tensor>,
    outputs: { features: exp(x), loss: sum(x), squared: sum(mul(x, x)) },
  }));

  test("names what feeds the graph and where its outputs go, scalars in one vector", () => {
    const { graph, scalars, arrays, packs } = compile(updating, state);
    expect(graph.inputs.map(({ name }) => name)).toEqual(["state:params/w", "state:params/b", "state:count", "input:x"]);
    expect([scalars, arrays, packs]).toEqual([["loss", "squared"], ["features"], []]);
    const outputs = new Map(graph.outputs.map(({ name, value }) => [name, value.shape]));
    expect(outputs.get("scalars")).toEqual([2]);
    expect(outputs.get("output:features")).toEqual([2]);
  });

  test("does not write state that is handed through", () => {
    const names = compile(updating, state).graph.outputs.map(({ name }) => name);
    expect(names.filter((name) => name.startsWith("write:"))).toEqual(["write:params/b", "write:count"]);
  });

  test("writes none for a program that only reads, and has no scalars where there are none", () => {
    const { graph, scalars } = compile(
      program((at) => ({ outputs: { w: at.params.w } })),
      state,
    );
    expect([graph.outputs.map(({ name }) => name), scalars]).toEqual([["output:w"], []]);
  });

  test("refuses a state of another structure", () => {
    const losing = program((at, x) => ({ state: { params: { w: at.params.w }, count: at.count } as Tree<Tensor>, outputs: { x } }));
    expect(() => compile(losing, state)).toThrow(new ShapeError('mapTree: the trees differ at "params/b"'));
    const growing = program((at, x) => ({ state: { ...at, more: x } as unknown as Tree<Tensor>, outputs: {} }));
    expect(() => compile(growing, state)).toThrow(new ShapeError('mapTree: the trees differ at "more"'));
  });
});

test("a role's name says the role, whatever colons the path has", () => {
  for (const kind of ["state", "input", "write", "output", "pack", "packed"] as const)
    for (const name of ["online/encoder/patch/w", "a:b", ""]) expect(roleOf(roleName(kind, name))).toEqual({ kind, name });
  expect(roleOf(scalarsName)).toEqual({ kind: "scalars" });
});

describe("layoutOf", () => {
  const halving: Program = {
    inputs: {},
    run: ({ state: at }) => {
      const { a, b, c } = at as unknown as Readonly<Record<"a" | "b" | "c", Tensor>>;
      return { state: { a: mul(a, 0.5), b: mul(b, 0.5), c } as Tree<Tensor>, outputs: {} };
    },
  };
  const three: HostTree = { a: hostArray([1, 2], [2]), b: hostArray([3, 4, 5], [3]), c: hostArray([6], [1]) };

  test("puts packed leaves behind each other in one buffer, and every other leaf in its own", () => {
    const layout = layoutOf(memoryOfSession(three, null), [compile(halving, three)]);
    expect([layout.sizes, layout.written]).toEqual([
      [5, 1],
      [true, false],
    ]);
    expect(["a", "b", "c"].map(layout.leaf)).toEqual([
      { buffer: 0, offset: 0 },
      { buffer: 0, offset: 2 },
      { buffer: 1, offset: 0 },
    ]);
    expect([...layout.initial(three)].map(([buffer, data]) => [buffer, ...data])).toEqual([
      [0, 1, 2, 3, 4, 5],
      [1, 6],
    ]);
    expect(() => layout.leaf("d")).toThrow("layoutOf: no state at d");
  });

  test("lays leaves with two writers alone, working memory among them, and refuses them in a pack", () => {
    const scratch = { sum: { shape: [3] } };
    const adding: Program = {
      inputs: {},
      run: ({ state: at, scratch: working }) => {
        const { a, b, c } = at as unknown as Readonly<Record<"a" | "b" | "c", Tensor>>;
        const { sum: total } = working as unknown as { readonly sum: Tensor };
        return { state: { a, b: add(b, 1), c } as Tree<Tensor>, scratch: { sum: add(total, b) }, outputs: {} };
      },
    };
    const { halve, more } = compileAll({ halve: halving, more: adding }, three, scratch);
    expect([halve.packs, more.packs]).toEqual([[], []]); // b has two writers, and a alone makes no pack
    const layout = layoutOf(memoryOfSession(three, scratch), [halve, more]);
    expect([layout.sizes, layout.written]).toEqual([
      [2, 3, 1, 3],
      [true, true, false, true],
    ]);
    expect(layout.leaf("scratch/sum")).toEqual({ buffer: 3, offset: 0 });
    expect([...layout.initial(three).keys()]).toEqual([0, 1, 2]);
    const one = compile(halving, three);
    expect(() => layoutOf(memoryOfSession(three, null), [one, one])).toThrow("layoutOf: a lies in a pack and has more than one writer");
  });

  test("refuses state that is not float32, and state named as working memory is", () => {
    const whole: HostTree = { labels: { shape: [2], dtype: "int32", data: Int32Array.of(1, 2) } };
    const refused = new ShapeError("layoutOf: the type of state at labels is int32, expected float32");
    expect(() => layoutOf(memoryOfSession(whole, null), [])).toThrow(refused);
    expect(() => memoryOfSession({ scratch: { sum: hostArray([1], [1]) } }, { sum: { shape: [1] } })).toThrow(
      new ShapeError("open: the state has a branch named scratch, which is the name of working memory"),
    );
  });
});

describe("checkInputs", () => {
  const spec: Program = {
    inputs: { x: { shape: [2, 3], dtype: "uint8" }, lr: { shape: [], dtype: "float32" } },
    run: () => ({ outputs: {} }),
  };
  const x: HostArray = { shape: [2, 3], dtype: "uint8", data: new Uint8Array(6) };
  const lr = hostArray([1], []);
  const fed = (inputs: Readonly<Record<string, HostArray>>) => () => checkInputs("step", spec, inputs);

  test("accepts what was asked for", () => {
    expect(fed({ lr, x })).not.toThrow();
  });

  test.each([
    { inputs: { x }, text: "run: step lacks lr; given: x" },
    { inputs: {}, text: "run: step lacks x, lr; given: none" },
    { inputs: { x, lr, wd: lr }, text: "run: step has no input wd; inputs: x, lr" },
    { inputs: { x: { ...x, shape: [3, 2] }, lr }, text: "run: step: x has shape [3, 2], expected [2, 3]" },
    { inputs: { x: hostArray(new Float32Array(6), [2, 3]), lr }, text: "run: step: x is float32, expected uint8" },
    { inputs: { x: { ...x, data: new Uint8Array(5) }, lr }, text: "run: step: x holds 5 numbers, its shape 6" },
  ])("$text", ({ inputs, text }) => {
    expect(fed(inputs as Readonly<Record<string, HostArray>>)).toThrow(new ShapeError(text));
  });

  test("programs are found by name only", () => {
    expect(programOf({ step: spec }, "step")).toBe(spec);
    expect(() => programOf({ step: spec, eval: spec }, "toString")).toThrow(
      new ShapeError("run: there is no program toString; programs: step, eval"),
    );
    expect(() => programOf({}, "step")).toThrow(new ShapeError("run: there is no program step; programs: none"));
  });
});
