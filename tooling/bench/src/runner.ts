/** One side of a case, ready to run: usually a child process that idles between runs. */
export interface Runner {
  /** Does the work `count` times and resolves to the seconds that took. */
  readonly run: (count: number) => Promise<number>;
  readonly close: () => Promise<void>;
  /** Largest resident size so far, in bytes. */
  readonly peakRssBytes: () => number;
  /** What it is, with its version: "PyTorch 2.15.0 eager". */
  readonly name: string;
  /** Seconds from options to work that is ready, where it told. */
  readonly openSeconds?: number | undefined;
}
