/** What a progress line shows. */
export interface Progress {
  readonly step: number;
  readonly steps: number;
  readonly epoch: number;
  readonly loss: number;
  readonly lr: number;
  readonly imagesPerSecond: number;
  /** Speed of the model's matrix products, and the machine's measured peak, in GFLOPS. */
  readonly gflops: number;
  readonly machineGflops: number;
  /** Share of the time spent waiting for data, 0..1. */
  readonly waitShare: number;
  readonly rssBytes: number;
  readonly secondsLeft: number;
  /** What went wrong lately, in a few words. */
  readonly alert?: string;
}

/** Seconds as `1h 02m`, `3m 20s` or `45s`. */
export const duration = (seconds: number): string => {
  if (!Number.isFinite(seconds)) return "?";
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (n: number): string => String(n).padStart(2, "0");
  return h > 0 ? `${h}h ${two(m)}m` : m > 0 ? `${m}m ${two(s)}s` : `${s}s`;
};

/** Bytes as `512 MiB` or `1.4 GiB`. */
export const memory = (bytes: number): string =>
  bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(1)} GiB` : `${Math.round(bytes / 2 ** 20)} MiB`;

/** One line with everything one looks for while a run is going on. */
export const progressLine = (p: Progress): string => {
  const share = p.machineGflops > 0 ? ` (${Math.round((100 * p.gflops) / p.machineGflops)}% of peak)` : "";
  return [
    `step ${String(p.step + 1).padStart(String(p.steps).length)}/${p.steps}`,
    `epoch ${p.epoch.toFixed(2)}`,
    `loss ${p.loss.toFixed(4)}`,
    `lr ${p.lr.toExponential(2)}`,
    `${p.imagesPerSecond.toFixed(p.imagesPerSecond < 10 ? 1 : 0)} img/s`,
    `${p.gflops.toFixed(0)} GFLOPS${share}`,
    `wait ${Math.round(100 * p.waitShare)}%`,
    memory(p.rssBytes),
    `ETA ${duration(p.secondsLeft)}`,
    ...(p.alert === undefined ? [] : [`! ${p.alert}`]),
  ].join("  ");
};
