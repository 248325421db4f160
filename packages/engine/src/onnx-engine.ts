import { availableParallelism } from "node:os";
import { type HostArray, type HostTree, leaves, rebuild, sizeOf } from "@twinview/core";
import { checkInputs, programOf } from "./check-inputs.ts";
import { type Line, startChild } from "./child-process.ts";
import { type Compiled, compileAll, traced } from "./compile.ts";
import { type Device, openDevice } from "./device.ts";
import type { Engine, Program, RunResult, Session } from "./engine.ts";
import { type Layout, layoutOf, type Spot } from "./layout.ts";
import { memoryOfSession, type Scratch } from "./memory.ts";
import { flagged, flagsName, type NonFinite, placesOf } from "./non-finite.ts";
import { writeOnnx } from "./onnx/write.ts";
import type { ChildProgram, Feed, Reply, Target } from "./protocol.ts";
import { type Role, roleOf } from "./roles.ts";

export interface OnnxOptions {
  /** Where onnxruntime computes; `cpu` when absent. Others are optional (docs/engines.md). */
  readonly device?: Device | undefined;
  /** Whether idle threads of the runtime spin; faster alone, slower beside a busy loader. */
  readonly spinning?: boolean;
}

/** The program as the child needs it. */
const childProgram = (name: string, { graph, packs }: Compiled, program: Program, layout: Layout): ChildProgram => {
  const spotOf = (role: { readonly kind: string; readonly name: string }): Spot => {
    if (role.kind !== "pack" && role.kind !== "packed") return layout.leaf(role.name);
    const first = packs.find((pack) => pack.name === role.name)?.leaves[0];
    return layout.leaf(first?.path ?? role.name); // a pack begins with its first leaf
  };
  const feeds = graph.inputs.map((input): Feed => {
    const role = roleOf(input.name);
    const shape = input.value.shape;
    if (role.kind === "input")
      return { from: "input", name: input.name, input: role.name, shape, dtype: program.inputs[role.name]?.dtype ?? "float32" };
    return { from: "state", name: input.name, ...spotOf(role as Extract<Role, { readonly name: string }>), shape };
  });
  const targets = graph.outputs.map((output): Target => {
    const role = roleOf(output.name);
    const place = { name: output.name, shape: output.value.shape };
    if (role.kind === "write" || role.kind === "packed") return { to: "state", ...place, ...spotOf(role) };
    return { to: "output", name: output.name };
  });
  const read = new Set(graph.nodes.flatMap((node) => node.inputs).concat(graph.outputs.map((output) => output.value)));
  const used = graph.inputs.filter((input) => read.has(input.value));
  const model = writeOnnx({ ...graph, inputs: used });
  return { name, model, rewritten: true, feeds: feeds.filter((feed) => used.some((input) => input.name === feed.name)), targets };
};

const unpack = (compiled: Compiled, reply: Extract<Reply, { kind: "ran" }>): RunResult => {
  const vector = reply.outputs.scalars?.data as Float32Array | undefined;
  const scalars = compiled.scalars.map(
    (name, i) => [name, { shape: [], dtype: "float32", data: Float32Array.of(vector?.[i] ?? Number.NaN) }] as const,
  );
  const arrays = compiled.arrays.map((name) => {
    const out = reply.outputs[`output:${name}`] as { shape: readonly number[]; data: Float32Array | Int32Array };
    return [name, { shape: out.shape, dtype: out.data instanceof Int32Array ? "int32" : "float32", data: out.data }] as const;
  });
  const outputs = Object.fromEntries([...scalars, ...arrays]) as Record<string, HostArray>;
  return { outputs, committed: reply.committed, seconds: reply.seconds, peakRssBytes: reply.peakRssBytes };
};

const ran = async (line: Line, name: string, inputs: Readonly<Record<string, HostArray>>): Promise<Extract<Reply, { kind: "ran" }>> => {
  const data = Object.fromEntries(Object.entries(inputs).map(([key, array]) => [key, array.data]));
  return (await line.ask({ kind: "run", program: name, inputs: data })) as Extract<Reply, { kind: "ran" }>;
};

const readAll = async (line: Line, state: HostTree, layout: Layout): Promise<HostTree> => {
  const buffers = new Map<number, Float32Array>();
  for (const [path] of leaves<HostArray>(state)) {
    const { buffer } = layout.leaf(path);
    if (!buffers.has(buffer)) buffers.set(buffer, ((await line.ask({ kind: "read", buffer })) as Extract<Reply, { kind: "data" }>).data);
  }
  const values = leaves<HostArray>(state).map(([path, leaf]): [string, HostArray] => {
    const { buffer, offset } = layout.leaf(path);
    const data = (buffers.get(buffer) as Float32Array).slice(offset, offset + sizeOf(leaf.shape));
    return [path, { shape: leaf.shape, dtype: "float32", data }];
  });
  return rebuild(state, new Map(values)) as HostTree;
};

/** Asks which values of a program are not finite; its flags are compiled when it is asked about for the first time. */
const asker = (line: Line, programs: Readonly<Record<string, Program>>, state: HostTree, scratch: Scratch, layout: Layout) => {
  const known = new Map<string, readonly NonFinite[]>();
  return async (name: string, inputs: Readonly<Record<string, HostArray>>): Promise<readonly NonFinite[]> => {
    const program = programOf(programs, name);
    checkInputs(name, program, inputs);
    const flagsProgram = `${name}: flags`;
    if (!known.has(name)) {
      const { graph, places } = flagged(traced(program, state, scratch).graph);
      const compiled = { graph, packs: [], scalars: [], arrays: [] };
      await line.ask({ kind: "compile", program: { ...childProgram(flagsProgram, compiled, program, layout), rewritten: false } });
      known.set(name, places);
    }
    const { outputs } = await ran(line, flagsProgram, inputs);
    return placesOf(known.get(name) ?? [], outputs[flagsName]?.data ?? []);
  };
};

/**
 * The default engine: each program is traced once, rewritten, and run as one ONNX graph by onnxruntime, in a process of its own.
 * State and working memory stay in that process; what some program writes, in two copies of which a run reads one and writes the
 * other.
 * On a device other than the processor the engine is named after it, `onnx/cuda`.
 * @throws when a session is opened on a device that is not there, an Error whose cause is a UserError.
 */
export const onnxEngine = ({ spinning = true, device = "cpu" }: OnnxOptions = {}): Engine => ({
  name: device === "cpu" ? "onnx" : `onnx/${device}`,
  open: async <const N extends string>({
    state,
    scratch = null,
    programs,
    threads = availableParallelism(),
    compact = false,
  }: Parameters<Engine["open"]>[0]): Promise<Session<N>> => {
    const compiled = new Map(Object.entries(compileAll(programs, state, scratch)));
    const layout = layoutOf(memoryOfSession(state, scratch), [...compiled.values()]);
    const line = startChild();
    try {
      await line.ask({
        kind: "open",
        runtime: { device, threads, spinning, memoryPattern: !compact },
        sizes: layout.sizes,
        written: layout.written,
      });
      if (device !== "cpu") await openDevice(line, device);
      for (const [buffer, data] of layout.initial(state)) await line.ask({ kind: "write", buffer, data });
      for (const [name, each] of compiled)
        await line.ask({ kind: "compile", program: childProgram(name, each, programs[name] as Program, layout) });
    } catch (error) {
      await line.close();
      throw error;
    }
    return {
      run: async (name, inputs) => {
        checkInputs(name, programOf(programs, name), inputs);
        return unpack(compiled.get(name) as Compiled, await ran(line, name, inputs));
      },
      nonFinite: asker(line, programs, state, scratch, layout),
      read: () => readAll(line, state, layout),
      close: line.close,
    };
  },
});
