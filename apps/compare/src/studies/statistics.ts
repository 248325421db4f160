import { dentOf, fallsOf, type MeasuredCell, spikeEventsOf } from "./measured-cell.ts";

/** A number of each run that settings are compared by. */
export interface Statistic {
  readonly name: string;
  readonly of: (cell: MeasuredCell) => number;
  /** An effect smaller than this is none. */
  readonly least: number;
  /** The deviation between seeds that is assumed at least. */
  readonly quietest: number;
  readonly text: (value: number) => string;
  readonly unit: string;
}

const points = (value: number): string => (100 * value).toFixed(1);

/** Final kNN accuracy. Half a point is the least that counts; the paper's own second runs differ by .1 to .3. */
export const accuracy: Statistic = {
  name: "kNN accuracy",
  of: (cell) => cell.knn,
  least: 0.005,
  quietest: 0.002,
  text: points,
  unit: "points",
};

/** The sum of all falls of the kNN curve. */
export const roughness: Statistic = {
  name: "the sum of all falls of the kNN curve",
  of: fallsOf,
  least: 0.01,
  quietest: 0.005,
  text: points,
  unit: "points",
};

/** Accuracy on another data set's test images after fine-tuning there. A point is the least that counts. */
export const transferred: Statistic = {
  name: "accuracy after fine-tuning",
  of: (cell) => cell.transfer?.test ?? Number.NaN,
  least: 0.01,
  quietest: 0.005,
  text: points,
  unit: "points",
};

/** How far accuracy on the training images of fine-tuning is above that on its test images. */
export const gap: Statistic = {
  name: "the gap between training and test accuracy",
  of: ({ transfer }) => (transfer === undefined ? Number.NaN : transfer.train - transfer.test),
  least: 0.01,
  quietest: 0.005,
  text: points,
  unit: "points",
};

/** How often the kNN curve dips. */
export const dips: Statistic = {
  name: "dips of the kNN curve",
  of: (cell) => cell.dips,
  least: 1,
  quietest: 0.5,
  text: (x) => x.toFixed(1),
  unit: "dips",
};

/** How often gradients spike. */
export const spikes: Statistic = {
  name: "gradient spikes",
  of: spikeEventsOf,
  least: 1,
  quietest: 0.5,
  text: (x) => x.toFixed(1),
  unit: "spikes",
};

/** How much the kNN curve dents where a gradient spikes. */
export const dent: Statistic = {
  name: "dent of the kNN curve where gradients spike",
  of: dentOf,
  least: 0.005,
  quietest: 0.002,
  text: points,
  unit: "points",
};
