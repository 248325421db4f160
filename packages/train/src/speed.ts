/** Speed over the last steps: the median, so that evaluation and checkpoints between steps do not count. */
export const speedometer = ({ batch, window = 32 }: { readonly batch: number; readonly window?: number }) => {
  const seconds: number[] = [];
  const waits: number[] = [];
  const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
  return {
    record: (computeSeconds: number, waitSeconds: number): void => {
      seconds.push(computeSeconds + waitSeconds);
      waits.push(waitSeconds);
      if (seconds.length > window) {
        seconds.shift();
        waits.shift();
      }
    },
    stepSeconds: (): number => median(seconds),
    imagesPerSecond: (): number => batch / median(seconds),
    waitShare: (): number => {
      const total = seconds.reduce((sum, x) => sum + x, 0);
      return total === 0 ? 0 : waits.reduce((sum, x) => sum + x, 0) / total;
    },
  };
};
