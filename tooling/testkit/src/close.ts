import { indexOf, type Numbers } from "./numbers.ts";

/** How far two numbers may lie apart: `absolute + relative |expected| + ofLargest max|expected|`. */
export interface Tolerance {
  readonly relative?: number;
  readonly absolute?: number;
  /** Relative to the largest expected number: what a sum in float32 is good to. */
  readonly ofLargest?: number;
}

const largestOf = (data: ArrayLike<number>): number => {
  let largest = 0;
  for (let i = 0; i < data.length; i++) if (Number.isFinite(data[i])) largest = Math.max(largest, Math.abs(data[i] as number));
  return largest;
};

const asNumbers = (x: Numbers | ArrayLike<number> | number): Numbers => {
  if (typeof x === "number") return { shape: [], data: [x] };
  return "shape" in x ? x : { shape: [x.length], data: x };
};

const farApart = (got: number, want: number, allowed: number): boolean =>
  !(Object.is(got, want) || got === want || Math.abs(got - want) <= allowed);

/**
 * What is wrong with numbers that should be close, or undefined: their shapes, or how many differ, the first of them with its
 * index, and the largest difference. Infinities and NaN are close to themselves only.
 */
export const difference = (
  actual: Numbers | ArrayLike<number> | number,
  expected: Numbers | ArrayLike<number> | number,
  { relative = 0, absolute = 0, ofLargest = 0 }: Tolerance,
): string | undefined => {
  const [got, want] = [asNumbers(actual), asNumbers(expected)];
  if (got.shape.join() !== want.shape.join()) return `shape [${got.shape.join(", ")}], expected [${want.shape.join(", ")}]`;
  if (got.data.length !== want.data.length) return `${got.data.length} numbers, expected ${want.data.length}`;
  const floor = absolute + ofLargest * largestOf(want.data);
  const allowed = (i: number): number => floor + relative * Math.abs(want.data[i] as number);
  const bad: number[] = [];
  for (let i = 0; i < want.data.length; i++) if (farApart(got.data[i] as number, want.data[i] as number, allowed(i))) bad.push(i);
  const [first] = bad;
  if (first === undefined) return undefined;
  const gap = (i: number): number => Math.abs((got.data[i] as number) - (want.data[i] as number));
  const worst = bad.reduce((a, b) => (gap(b) > gap(a) ? b : a));
  const place = (i: number): string => `[${indexOf(i, want.shape).join(", ")}]`;
  const detail = `got ${got.data[first]}, expected ${want.data[first]} (apart ${gap(first).toExponential(2)}, allowed ${allowed(first).toExponential(2)})`;
  return `${bad.length} of ${want.data.length} numbers differ; first at ${place(first)}: ${detail}; furthest at ${place(worst)}: apart ${gap(worst).toExponential(2)}`;
};

/** Fails with the name, the first bad index and the allowed distance when numbers are not close. */
export const expectClose = (
  actual: Numbers | ArrayLike<number> | number,
  expected: Numbers | ArrayLike<number> | number,
  { name = "numbers", ...tolerance }: Tolerance & { readonly name?: string },
): void => {
  const wrong = difference(actual, expected, tolerance);
  if (wrong !== undefined) throw new Error(`${name}: ${wrong}`);
};
