/** What stands for a number that was not recorded. */
export const nothing = "–";

const guarded =
  (text: (x: number) => string) =>
  (x: number): string =>
    Number.isFinite(x) ? text(x) : nothing;

/** An accuracy or share of 0..1: `82.3 %`. */
export const percentText = guarded((x) => `${(100 * x).toFixed(1)} %`);

/** A difference of two accuracies of 0..1 with its sign: `+7.2 points`. */
export const pointsText = guarded((x) => `${x < 0 ? "−" : "+"}${Math.abs(100 * x).toFixed(1)} points`);

/** A whole number with separators: `12,345`. */
export const countText = guarded((x) => Math.round(x).toLocaleString("en"));

/** A number with three significant digits, with an exponent only far from 1: `0.0123`, `1,234`, `3.2e-7`. */
export const shortText = guarded((x) => {
  const size = Math.abs(x);
  const rounded = Number(x.toPrecision(3));
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) return rounded.toExponential().replace("+", "");
  return size >= 1000 ? countText(x) : String(rounded);
});

/** A time: `12.3 s`, `4 min 58 s`, `2 h 5 min`. */
export const durationText = guarded((seconds) => {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
});

/** Memory in decimal units: `612 MB`, `1.2 GB`. */
export const bytesText = guarded((bytes) => (bytes >= 999.5e6 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`));
