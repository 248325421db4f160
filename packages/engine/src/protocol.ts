import type { HostType } from "@twinview/core";

/** A place in the session's memory. */
export interface Place {
  readonly buffer: number;
  readonly offset: number;
  readonly shape: readonly number[];
}

/** Where a model's input comes from. */
export type Feed =
  | ({ readonly from: "state" } & Place & { readonly name: string })
  | { readonly from: "input"; readonly name: string; readonly input: string; readonly shape: readonly number[]; readonly dtype: HostType };

/** Where a model's output goes. */
export type Target = ({ readonly to: "state" } & Place & { readonly name: string }) | { readonly to: "output"; readonly name: string };

/** A program as the child process needs it: a model and what its inputs and outputs stand for. */
export interface ChildProgram {
  readonly name: string;
  readonly model: Uint8Array;
  /** Whether the runtime rewrites the model for speed, which takes long where it is large. */
  readonly rewritten: boolean;
  readonly feeds: readonly Feed[];
  readonly targets: readonly Target[];
}

export interface RuntimeOptions {
  /** The execution provider. */
  readonly device: string;
  readonly threads: number;
  readonly spinning: boolean;
  /** Whether each run takes one block of memory, laid out after the first run, beside what that first run took. */
  readonly memoryPattern: boolean;
}

/** What the parent asks of the child, one request at a time. */
export type Request =
  | { readonly kind: "open"; readonly runtime: RuntimeOptions; readonly sizes: readonly number[]; readonly written: readonly boolean[] }
  | { readonly kind: "providers" }
  | { readonly kind: "write"; readonly buffer: number; readonly data: Float32Array }
  | { readonly kind: "compile"; readonly program: ChildProgram }
  | { readonly kind: "run"; readonly program: string; readonly inputs: Readonly<Record<string, Float32Array | Int32Array | Uint8Array>> }
  | { readonly kind: "read"; readonly buffer: number }
  | { readonly kind: "close" };

export type Data = Float32Array | Int32Array | Uint8Array;

/** The child's answer to one request. */
export type Reply =
  | { readonly kind: "done" }
  | { readonly kind: "data"; readonly data: Float32Array }
  | { readonly kind: "providers"; readonly providers: readonly { readonly name: string; readonly bundled: boolean }[] }
  | {
      readonly kind: "ran";
      readonly outputs: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Data }>>;
      readonly committed: boolean;
      readonly seconds: number;
      readonly peakRssBytes: number;
    }
  | { readonly kind: "failed"; readonly message: string };
