/** A curve: its points in order of x; a y that is not finite is a gap. */
export interface Curve {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Indices of a slice of a curve that show its shape: its smallest and its largest value, or a gap when there is nothing else. */
const extremes = (y: readonly number[], from: number, to: number): readonly number[] => {
  let least = -1;
  let most = -1;
  for (let i = from; i < to; i++) {
    const value = y[i] as number;
    if (!Number.isFinite(value)) continue;
    if (least < 0 || value < (y[least] as number)) least = i;
    if (most < 0 || value > (y[most] as number)) most = i;
  }
  if (least < 0) return [from];
  return least === most ? [least] : [Math.min(least, most), Math.max(least, most)];
};

/**
 * A curve with at most `2 buckets + 2` of its points: of each bucket the smallest and the largest value, so that no spike is lost,
 * and the ends of the curve.
 */
export const thin = ({ x, y }: Curve, buckets = 500): Curve => {
  const count = x.length;
  if (count <= 2 * buckets + 2) return { x, y };
  const kept: number[] = [0];
  for (let bucket = 0; bucket < buckets; bucket++) {
    const from = Math.floor((bucket * count) / buckets);
    kept.push(...extremes(y, from, Math.floor(((bucket + 1) * count) / buckets)));
  }
  kept.push(count - 1);
  const indices = kept.filter((index, i) => index !== kept[i - 1]);
  return { x: indices.map((i) => x[i] as number), y: indices.map((i) => y[i] as number) };
};
