import { type Tensor, type TfModule, tfModule } from "@twinview/core";
import { type GraphBuilder, graphBuilder } from "./builder.ts";
import type { ElementType, Graph, Named, Numbers, Value } from "./graph.ts";
import { kernelRules } from "./kernel-rules.ts";

type Id = object;

// tfjs keeps kernels and backends in one global table, so one backend object serves all traces, one trace at a time.
let active: { readonly builder: GraphBuilder; readonly values: WeakMap<Id, Value>; readonly path: () => string } | undefined;

const current = (): NonNullable<typeof active> => {
  if (active === undefined) throw new Error("trace: the trace backend was used outside trace()");
  return active;
};

const toNumbers = (values: unknown, type: ElementType): Numbers =>
  type === "int32"
    ? Int32Array.from(values as ArrayLike<number>)
    : type === "bool"
      ? Uint8Array.from(values as ArrayLike<number>)
      : values instanceof Float32Array
        ? values
        : Float32Array.from(values as ArrayLike<number>);

const makeBackend = (tf: TfModule) =>
  // tfjs demands a subclass here; it holds nothing but the hooks that turn data into constants
  new (class extends tf.KernelBackend {
    override write(values: unknown, shape: number[], dtype: string): Id {
      const id = {};
      this.move(id, values, shape, dtype);
      return id;
    }
    override move(id: Id, values: unknown, shape: number[], dtype: string): void {
      const type = dtype as ElementType;
      current().values.set(id, current().builder.constant(toNumbers(values, type), [...shape], type));
    }
    override numDataIds(): number {
      return 0;
    }
    override memory() {
      return { unreliable: true };
    }
    override floatPrecision(): 32 {
      return 32;
    }
    override epsilon(): number {
      return 1e-7;
    }
    override disposeData(): boolean {
      return true;
    }
    override refCount(): number {
      return 1;
    }
    override incRef(): void {}
    override dispose(): void {}
    override timerAvailable(): boolean {
      return false;
    }
  })();

const register = (tf: TfModule, path: () => string): void => {
  if (tf.findBackend("trace") !== null) return;
  tf.registerBackend("trace", () => makeBackend(tf) as never);
  tf.findBackend("trace"); // creates it now
  for (const [kernelName, rule] of Object.entries(kernelRules)) {
    tf.registerKernel({
      kernelName,
      backendName: "trace",
      kernelFunc: ({ inputs, attrs }) => {
        const { builder, values } = current();
        const infos = Object.entries((inputs ?? {}) as Record<string, { dataId: Id; shape: number[] }>);
        const ins = Object.fromEntries(infos.map(([name, info]) => [name, values.get(info.dataId) as Value]));
        const outputs = rule({
          inputs: ins,
          attributes: (attrs ?? {}) as Record<string, unknown>,
          builder,
          emit: (op, xs, attributes) => builder.node(op, xs, attributes, path()),
        });
        const made = outputs.map((value) => {
          const dataId = {};
          values.set(dataId, value);
          return { dataId, shape: [...value.shape], dtype: value.type };
        });
        return (made.length === 1 ? made[0] : made) as never;
      },
    });
  }
};

/** One input of a traced function. Bytes enter the graph as uint8 and are seen by the function as float32. */
export interface InputSpec {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32" | "uint8";
}

/**
 * Records a function of tensors as a graph. The function runs once, on tensors that have shapes but no numbers; random numbers,
 * clocks and numbers read inside would be baked in, so the numeric core has none.
 */
export const trace = (
  inputs: Readonly<Record<string, InputSpec>>,
  f: (tensors: Readonly<Record<string, Tensor>>) => Readonly<Record<string, Tensor>>,
): Graph => {
  if (active !== undefined) throw new Error("trace: traces do not nest");
  const { tf, scopePath } = tfModule();
  active = { builder: graphBuilder(), values: new WeakMap(), path: scopePath };
  const { builder, values } = active;
  const before = tf.engine().backendName;
  try {
    register(tf, scopePath);
    tf.setBackend("trace");
    tf.engine().startScope();
    const tensors = Object.entries(inputs).map(([name, spec]) => {
      const raw = builder.input(name, spec.shape, spec.dtype);
      const value = spec.dtype === "uint8" ? (builder.node("cast", [raw], { to: "float32" }, name)[0] as Value) : raw;
      const dataId = {};
      values.set(dataId, value);
      const tensor = tf
        .engine()
        .makeTensorFromTensorInfo({ dataId, shape: [...spec.shape], dtype: spec.dtype === "int32" ? "int32" : "float32" } as never);
      return [name, tensor as unknown as Tensor] as const;
    });
    const outputs = f(Object.fromEntries(tensors));
    const named = Object.entries(outputs).map(
      ([name, tensor]): Named => ({ name, value: values.get((tensor as unknown as { dataId: Id }).dataId) as Value }),
    );
    return builder.finish(named);
  } finally {
    tf.engine().endScope();
    if (before && before !== "trace") tf.setBackend(before);
    active = undefined;
  }
};
