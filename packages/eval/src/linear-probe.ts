import { checkOption, fold, type Rng, ShapeError } from "@twinview/core";
import type { Engine } from "@twinview/engine";
import { accuracyOf, predict } from "./predict.ts";
import type { ProbeSetting } from "./probe-programs.ts";
import { checkRows, type LabelledRows, type Rows } from "./rows.ts";
import { type Standardizer, standardize, standardizerOf } from "./standardize.ts";
import { type SweptSetting, sweep } from "./sweep.ts";

export interface LinearProbeOptions {
  readonly engine: Engine;
  /** Training features; `features` may differ from epoch to epoch where images are augmented. */
  readonly fit: LabelledRows & { readonly augmented?: (epoch: number) => Rows | Promise<Rows> };
  /** A part of the training set that is not trained on: the setting is chosen by it. */
  readonly heldOut: LabelledRows;
  /** Looked at once, when the setting has been chosen. */
  readonly test: LabelledRows;
  readonly classes: number;
  /** Learning rates and weight decays: every pair is a setting. */
  readonly rates?: readonly number[];
  readonly decays?: readonly number[];
  readonly epochs?: number;
  /** Images a step; all of them where there are fewer. */
  readonly batch?: number;
  readonly momentum?: number;
  /** Whether columns are brought to mean 0 and deviation 1 by the statistics of the training features. */
  readonly standardized?: boolean;
  /** Logits formed at once, which bounds the memory: settings that would need more are trained in groups, one after the other. */
  readonly logitsAtOnce?: number;
  readonly rng: Rng;
  readonly threads?: number | undefined;
}

/** What a linear probe found; accuracies in 0..1. */
export interface LinearProbe {
  /** Of the chosen setting on the test set: the weights of the last epoch, and of the epoch that was best on the held-out part. */
  readonly last: number;
  readonly best: number;
  /** The setting with the highest held-out accuracy at the last epoch; the lower held-out loss decides between equals. */
  readonly lr: number;
  readonly wd: number;
  readonly bestEpoch: number;
  readonly epochs: number;
  /** Of the last weights on the features they were trained on and on the held-out part. */
  readonly train: number;
  readonly heldOut: number;
  /** Held-out accuracies of every setting. */
  readonly settings: readonly (ProbeSetting & { readonly last: number; readonly best: number })[];
  /** The class that the last weights give to each test image. */
  readonly predicted: Int32Array;
}

/** The published protocol, with the rates spread for standardised features. @see MoCo v3, arXiv 2104.02057, section 5; moco-v3 main_lincls.py. */
export const probeDefaults = {
  rates: [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
  decays: [0, 1e-4, 1e-2],
  epochs: 90,
  batch: 4096,
  momentum: 0.9,
} as const;

/** Few images make few steps an epoch: then there are more epochs, up to this many steps. */
const leastSteps = 300;
const looks = 30;

const groupsOf = <T>(items: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));

const lossOf = ({ last }: SweptSetting): number => (Number.isNaN(last.loss) ? Number.POSITIVE_INFINITY : last.loss);

const chosenOf = (swept: readonly SweptSetting[]): SweptSetting =>
  swept.reduce((a, b) => {
    if (a.last.accuracy !== b.last.accuracy) return a.last.accuracy > b.last.accuracy ? a : b;
    return lossOf(b) < lossOf(a) ? b : a;
  });

const check = ({ fit, heldOut, test, classes }: LinearProbeOptions): void => {
  checkOption("linearProbe", "classes", classes, Number.isInteger(classes) && classes >= 2, "at least 2");
  for (const [name, part] of Object.entries({ fit, heldOut, test })) {
    checkRows("linearProbe", name, part.features, fit.features.width);
    checkOption("linearProbe", `${name}.rows`, part.features.rows, part.features.rows > 0, "at least 1");
    checkOption("linearProbe", `${name}.labels.length`, part.labels.length, part.labels.length === part.features.rows, "one label a row");
    const odd = part.labels.find((label) => label < 0 || label >= classes);
    if (odd !== undefined) throw new ShapeError(`linearProbe: ${name} has a label ${odd}, expected 0 to ${classes - 1}`);
  }
};

/**
 * A linear classifier on frozen features, all pairs of learning rate and weight decay trained together in one program: softmax
 * cross-entropy, SGD with momentum, the rate by half a cosine to 0. The setting is chosen on a held-out part of the training set; the
 * test set is looked at once, with the chosen setting's weights of the last epoch and of its best held-out epoch.
 * @throws ShapeError if widths, counts or labels do not fit together.
 */
export const linearProbe = async (options: LinearProbeOptions): Promise<LinearProbe> => {
  check(options);
  const { engine, fit, classes, threads, rng, standardized = true, logitsAtOnce = 2 ** 25 } = options;
  const { rates = probeDefaults.rates, decays = probeDefaults.decays, momentum = probeDefaults.momentum } = options;
  const batch = Math.min(options.batch ?? probeDefaults.batch, fit.features.rows);
  const stepsPerEpoch = Math.floor(fit.features.rows / batch);
  const epochs = options.epochs ?? Math.max(probeDefaults.epochs, Math.ceil(leastSteps / stepsPerEpoch));
  const scale: Standardizer | undefined = standardized ? standardizerOf(fit.features) : undefined;
  const scaled = (rows: Rows): Rows => (scale === undefined ? rows : standardize(rows, scale));
  const clean = scaled(fit.features);
  const { augmented } = fit;
  const features = augmented === undefined ? () => clean : async (epoch: number) => scaled(await augmented(epoch));
  const settings = rates.flatMap((lr) => decays.map((wd) => ({ lr, wd })));
  const swept: SweptSetting[] = [];
  for (const group of groupsOf(settings, Math.max(1, Math.floor(logitsAtOnce / (batch * classes))))) {
    const each = await sweep({
      engine,
      settings: group,
      fit: { features, labels: fit.labels },
      heldOut: { features: scaled(options.heldOut.features), labels: options.heldOut.labels },
      classes,
      epochs,
      batch,
      momentum,
      every: Math.max(1, Math.round(epochs / looks)),
      rng: fold(rng, "probe"),
      threads,
    });
    swept.push(...each);
  }
  const chosen = chosenOf(swept);
  const classifiers = [chosen.last.classifier, chosen.best.classifier];
  const [predicted, atBest] = (await predict(options, classifiers, scaled(options.test.features))) as readonly [Int32Array, Int32Array];
  const [onTrain] = (await predict(options, [chosen.last.classifier], clean)) as readonly [Int32Array];
  return {
    last: accuracyOf(predicted, options.test.labels),
    best: accuracyOf(atBest, options.test.labels),
    lr: chosen.lr,
    wd: chosen.wd,
    bestEpoch: chosen.best.epoch,
    epochs,
    train: accuracyOf(onTrain, fit.labels),
    heldOut: chosen.last.accuracy,
    settings: swept.map(({ lr, wd, last, best }) => ({ lr, wd, last: last.accuracy, best: best.accuracy })),
    predicted,
  };
};
