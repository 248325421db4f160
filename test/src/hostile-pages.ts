import { type Evaluation, type EvaluationDetails, evaluationPage } from "@twinview/assess";
import { type Comparison, comparePage, type RunCurve, type StudyResult, studiesPage, studyPage } from "@twinview/compare";
import { fold, normals, rngOf } from "@twinview/core";
import { type Source, toShared } from "@twinview/data";
import { barChart, chartCard, html, legend, lineChart } from "@twinview/report";

const [images, side, width] = [40, 8, 6];

/** Made-up pictures whose classes have these names. */
const pictures = (classes: readonly string[]): Source & { readonly labels: Int32Array } => ({
  name: classes[0] as string,
  length: images,
  classes,
  labels: Int32Array.from({ length: images }, (_, i) => i % classes.length),
  content: {
    kind: "resident",
    pixels: toShared(Uint8Array.from({ length: images * side * side * 3 }, (_, i) => (i * 7) % 256)),
    width: side,
    height: side,
    channels: 3,
  },
});

/** eval.html with hostile names of classes, data, backbone and encoder. */
const evaluation = (texts: readonly string[]): Promise<string> => {
  const at = (i: number): string => texts[i % texts.length] as string;
  const source = pictures(texts);
  const draw = normals(fold(rngOf(1), "features"));
  const features = { rows: images, width, data: Float32Array.from({ length: images * width }, draw) };
  const seen = { features, labels: source.labels, indices: Uint32Array.from({ length: images }, (_, i) => i), bad: [] };
  const k = 4;
  const details: EvaluationDetails = {
    data: { train: source, test: source, classes: texts },
    train: seen,
    test: seen,
    neighbours: {
      queries: images,
      k,
      indices: Int32Array.from({ length: images * k }, (_, i) => i % images),
      similarities: new Float32Array(images * k).fill(0.5),
    },
    predicted: Int32Array.from(source.labels).reverse(),
    predictedBy: at(1),
    attention: { heads: 2, grid: 2, weights: new Float32Array(4 * 2 * 4).fill(0.25), images: [0, 1, 2, 3] },
  };
  const found = {
    data: at(2),
    images: { train: images, test: images },
    encoder: at(3) as Evaluation["encoder"],
    backbone: { name: at(4), width, step: 1, before: at(5), after: at(5), unchanged: true },
    knn: { [at(6)]: { [at(7)]: 0.5 } },
    quality: { embeddingStd: 1, rankMe: 2, alignment: 1, uniformity: -1 },
  } satisfies Partial<Evaluation>;
  return evaluationPage(at(0), found as Evaluation, details);
};

/** compare.html with hostile names of methods, backbones and data. */
const comparison = (texts: readonly string[]): string => {
  const spread = { mean: 0.5, deviation: 0.1 } as never;
  const cells = texts.map((text, i) => ({
    method: text,
    backbone: texts.at(-1 - i) as string,
    seeds: [0, 1],
    knn: spread,
    untrained: spread,
    imagesPerSecond: 10,
    peakRssBytes: 1e8,
    steps: 10,
    seconds: 3,
  }));
  const curves: readonly RunCurve[] = cells.map(({ method, backbone }) => ({
    method,
    backbone,
    records: [1, 2].map((epoch) => ({ kind: "knn", step: epoch, epoch, encoder: "online", top1: { "20": 0.5 } })),
  }));
  return comparePage({ dataset: texts[0] as string, raw: 0.4, cells } satisfies Comparison, curves);
};

const studyOf = (texts: readonly string[]): StudyResult => {
  const at = (i: number): string => texts[i % texts.length] as string;
  const lists = { seeds: [0], knn: [0.5], untrained: [0.4], finished: [true], steps: [9], spikes: [0], dips: [0], falls: [0] };
  return {
    id: at(0),
    title: at(1),
    paper: { did: at(2), found: at(3), where: at(4) },
    dataset: at(5),
    raw: 0.5,
    images: 100,
    quick: false,
    statistic: at(6),
    notes: [...texts],
    settings: texts.map((name, i) => ({
      ...{ name, method: at(i + 1), backbone: at(i + 2), set: [at(i + 3)], batch: 8, paper: null, ...lists },
      curve: [{ epoch: [0, 1], knn: [0.4, 0.5] }],
    })),
    measured: texts.map((rule, i) => ({ rule, decides: i % 2 === 0, verdict: "yes", measured: at(i + 1) })),
    reproduced: "yes",
    seconds: 1,
    command: at(7),
    machines: [...texts],
  };
};

/** A study's page with hostile texts in the paper's words, the settings, the rules and the figures. */
const study = (texts: readonly string[]): string => {
  const chart = lineChart({
    series: texts.map((name) => ({ name, tone: 1, look: "dots", x: [0, 1], y: [0, 1] })),
    x: { label: texts[0] as string },
    y: { label: texts[1] as string },
    height: 100,
    label: texts.join(),
  });
  const bars = texts.map((name) => ({ name, value: 1, text: name, tone: 2 as const }));
  const figures = [
    chartCard({ title: texts[0] as string, chart, keys: legend(texts.map((name) => ({ name, tone: 1 }))), note: texts[1] }),
    chartCard({ title: texts[2] as string, chart: barChart({ bars, label: texts[3] as string }) }),
    html`<p title="${texts.join()}">${texts}</p>`,
  ];
  return studyPage(studyOf(texts), figures);
};

/** Each page that twinview writes besides report.html, with texts from outside wherever it shows one. */
export const hostilePages: Readonly<Record<string, (texts: readonly string[]) => string | Promise<string>>> = {
  "eval.html": evaluation,
  "compare.html": comparison,
  "study.html": study,
  "index.html of studies": (texts) => studiesPage(texts.map((_, i) => studyOf([...texts.slice(i), ...texts.slice(0, i)]))),
};
