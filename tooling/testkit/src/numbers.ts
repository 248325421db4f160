/** Numbers with a shape, in row-major order: host arrays and golden data are some. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** Float64 numbers with a shape: what slow twins take and give. */
export interface Slow {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

const countOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/** A slow twin's array of given numbers. @throws Error if the count does not fit the shape. */
export const slow = (data: ArrayLike<number>, shape: readonly number[] = [data.length]): Slow => {
  if (data.length !== countOf(shape)) throw new Error(`slow: ${data.length} numbers do not fill [${shape.join(", ")}]`);
  return { shape, data: Float64Array.from(data) };
};

/** The same numbers in float64. */
export const toSlow = ({ shape, data }: Numbers): Slow => slow(data, shape);

/** An array filled by a function of the index along each axis. */
export const fromIndex = (shape: readonly number[], f: (...index: number[]) => number): Slow => {
  const data = Float64Array.from({ length: countOf(shape) }, (_, flat) => f(...indexOf(flat, shape)));
  return { shape, data };
};

/** The index along each axis of the element at a flat position. */
export const indexOf = (flat: number, shape: readonly number[]): number[] => {
  const index: number[] = [];
  let rest = flat;
  for (const length of [...shape].reverse()) {
    index.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return index;
};

/** The element at an index; axes of length 1 repeat, and missing leading axes too, as in broadcasting. */
export const at = ({ shape, data }: Numbers, ...index: readonly number[]): number => {
  const own = index.slice(index.length - shape.length);
  const flat = shape.reduce((place, length, axis) => place * length + (length === 1 ? 0 : (own[axis] as number)), 0);
  return data[flat] as number;
};

/** Row `i` of a matrix as a list. */
export const rowOf = ({ shape, data }: Numbers, i: number): number[] => {
  const width = shape[1] as number;
  return Array.from({ length: width }, (_, j) => data[i * width + j] as number);
};

/** A matrix from its rows. */
export const fromRows = (rows: readonly (readonly number[])[]): Slow => slow(rows.flat(), [rows.length, rows[0]?.length ?? 0]);

/** A function that draws numbers uniform in [0, 1): mulberry32, of its own so that it does not lean on the generator under test. */
export const seeded = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

export interface DrawnOptions {
  readonly seed?: number;
  /** Numbers lie in `[low, high)`. */
  readonly low?: number;
  readonly high?: number;
  /** Numbers closer to 0 than this are moved to this distance: room for finite differences beside a kink at 0. */
  readonly awayFromZero?: number;
}

/** Random numbers, exactly representable in float32, the same for the same options. */
export const drawn = (shape: readonly number[], { seed = 1, low = -1, high = 1, awayFromZero = 0 }: DrawnOptions = {}): Slow => {
  const next = seeded(seed);
  return fromIndex(shape, () => {
    const x = low + (high - low) * next();
    return Math.fround(Math.abs(x) < awayFromZero ? Math.sign(x || 1) * awayFromZero : x);
  });
};

/** Sum of products. */
export const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += (a[i] as number) * (b[i] as number);
  return total;
};

/** Euclidean length. */
export const lengthOf = (a: ArrayLike<number>): number => Math.sqrt(dot(a, a));
