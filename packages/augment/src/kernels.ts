import { kernelsBinary } from "./kernels-binary.ts";

// The part of the WebAssembly interface that is used: TypeScript declares it only together with that of browsers.
interface Memory {
  readonly buffer: ArrayBuffer;
  readonly grow: (pages: number) => number;
}
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

/** The pixel loops of kernels/*.ts. Addresses are bytes in the module's memory; sizes are in pixels, strides of packed rows in bytes. */
export interface Loops {
  readonly memory: Memory;
  readonly unpack: (from: number, stride: number, rows: number, width: number, to: number) => void;
  readonly pack: (from: number, stride: number, rows: number, width: number, flip: boolean, to: number) => void;
  readonly tapsOf: (input: number, output: number) => number;
  readonly axis: (input: number, output: number, starts: number, weights: number) => void;
  readonly across: (
    ...args: [
      from: number,
      stride: number,
      rows: number,
      boxWidth: number,
      width: number,
      starts: number,
      weights: number,
      line: number,
      to: number,
    ]
  ) => void;
  readonly down: (from: number, boxHeight: number, height: number, width: number, starts: number, weights: number, to: number) => void;
  readonly blend: (at: number, count: number, level: number, factor: number) => void;
  readonly lumaSum: (at: number, count: number) => number;
  readonly saturate: (at: number, count: number, factor: number) => void;
  readonly gray: (at: number, count: number) => void;
  readonly solarize: (at: number, count: number, threshold: number) => void;
  readonly turnHue: (at: number, count: number, turn: number) => void;
  readonly blurRows: (from: number, height: number, width: number, weights: number, reach: number, line: number, to: number) => void;
  readonly blurColumns: (from: number, height: number, width: number, weights: number, reach: number, rows: number, to: number) => void;
}

/** The loops and their memory. */
export interface Kernels {
  readonly loops: Loops;
  /** The memory as bytes, at least up to `end` and the few bytes that loops touch behind it; valid until the next call. */
  readonly bytesTo: (end: number) => Uint8Array;
}

const pageBytes = 65536;
/** What a loop may read or write past the end of a region. */
export const slack = 64;

const instantiate = (): Kernels => {
  const code = Uint8Array.from(atob(kernelsBinary), (letter) => letter.charCodeAt(0));
  const loops = new WebAssembly.Instance(new WebAssembly.Module(code)).exports as Loops;
  let bytes = new Uint8Array(loops.memory.buffer);
  const bytesTo = (end: number): Uint8Array => {
    const missing = end + slack - bytes.length;
    if (missing > 0) {
      loops.memory.grow(Math.ceil(missing / pageBytes));
      bytes = new Uint8Array(loops.memory.buffer);
    }
    return bytes;
  };
  return { loops, bytesTo };
};

let opened: Kernels | undefined;

/** The kernels of this thread, compiled when they are first asked for. Their memory holds nothing from one image to the next. */
export const openKernels = (): Kernels => {
  opened ??= instantiate();
  return opened;
};
