import { fold, rngOf, uniforms } from "@twinview/core";
import { readImages, type Source, toPngDataUri } from "@twinview/data";
import { confusionMatrix, type Neighbours, type Rows } from "@twinview/eval";
import {
  agreement,
  confusionTable,
  html,
  imageStrips,
  type Markup,
  type NeighbourRow,
  neighbourTable,
  page,
  percentText as percent,
  type ReportImage,
  scatterPlot,
  section,
} from "@twinview/report";
import { UMAP } from "umap-js";
import type { AttentionMaps } from "./attention-maps.ts";
import type { Evaluation } from "./evaluate-run.ts";
import type { SourceFeatures } from "./feature-session.ts";
import { keyedIndices } from "./keyed-indices.ts";
import type { LabelledData } from "./labelled-data.ts";

/** What an evaluation saw on its way to the numbers. */
export interface EvaluationDetails {
  readonly data: LabelledData;
  readonly train: SourceFeatures;
  readonly test: SourceFeatures;
  /** The nearest training images of each test image. */
  readonly neighbours: Neighbours;
  /** The class that was given to each test image, and by what. */
  readonly predicted: Int32Array;
  readonly predictedBy: string;
  /** Of some test images; absent where there is no class token. */
  readonly attention: AttentionMaps | undefined;
}

const shownQueries = 8;
const shownNeighbours = 8;
const mapPoints = 1_000;
/** Pixels of a side of small images are shown at their own size; larger ones are brought to this. */
const pictureSide = 96;

/** Pictures of some images of a source, as PNG data URIs, with their classes. */
const picturesOf = async (source: Source, classes: readonly string[], indices: readonly number[]): Promise<readonly ReportImage[]> => {
  const size = source.content.kind === "resident" ? Math.min(pictureSide, source.content.width, source.content.height) : pictureSide;
  const { bytes, indices: read } = await readImages(source, indices, { size });
  const one = size * size * 3;
  const known = new Map(
    await Promise.all(
      Array.from(read, async (index, i) => {
        const image = await toPngDataUri({ width: size, height: size, data: bytes.subarray(i * one, (i + 1) * one) });
        return [index, image] as const;
      }),
    ),
  );
  return indices.map((index) => ({ image: known.get(index) ?? "", label: classes[source.labels?.[index] ?? -1] ?? "no class" }));
};

const neighbourRows = async ({ data, train, test, neighbours }: EvaluationDetails): Promise<readonly NeighbourRow[]> => {
  const { k, indices, similarities } = neighbours;
  const queries = keyedIndices(test.indices.length, shownQueries, 0, "gallery");
  const shown = Math.min(shownNeighbours, k);
  const places = Array.from(queries, (query) => Array.from({ length: shown }, (_, i) => query * k + i));
  const near = await picturesOf(
    data.train,
    data.classes,
    places.flat().map((at) => train.indices[indices[at] as number] as number),
  );
  const asked = await picturesOf(
    data.test,
    data.classes,
    Array.from(queries, (query) => test.indices[query] as number),
  );
  return places.map((row, q) => ({
    query: asked[q] as ReportImage,
    nearest: row.map((at, i) => ({ ...(near[q * shown + i] as ReportImage), similarity: similarities[at] as number })),
  }));
};

/** A map of features in the plane by UMAP, seeded: `[rows, 2]`. @see McInnes et al., arXiv 1802.03426. */
export const embeddingMap = ({ rows, width, data }: Rows, seed: number): Float32Array => {
  const points = Array.from({ length: rows }, (_, row) => Array.from(data.subarray(row * width, (row + 1) * width)));
  const umap = new UMAP({ nComponents: 2, nNeighbors: Math.min(15, rows - 1), minDist: 0.1, random: uniforms(fold(rngOf(seed), "umap")) });
  return Float32Array.from(umap.fit(points).flat());
};

const mapSection = ({ data, test }: EvaluationDetails): Markup | undefined => {
  const { features, labels } = test;
  if (features.rows < 10) return undefined; // too few for a map to say anything
  const some = keyedIndices(features.rows, mapPoints, 0, "map");
  const { width } = features;
  const rows = new Float32Array(some.length * width);
  some.forEach((from, to) => {
    rows.set(features.data.subarray(from * width, (from + 1) * width), to * width);
  });
  const points = embeddingMap({ rows: some.length, width, data: rows }, 0);
  const groups = Array.from(some, (i) => labels[i] as number);
  const plot = scatterPlot({ points, groups, names: data.classes, label: "Features of test images in the plane" });
  const note = `Features of ${some.length} test images brought to the plane by UMAP (15 neighbours, seeded). Distances between far groups mean little.`;
  return section({ title: "Map of the features", note, body: html`<figure class="card">${plot}</figure>` });
};

/** A map of weights as a gray picture: black 0, white the largest. */
const heatPicture = (weights: Float32Array, grid: number): Promise<string> => {
  const most = Math.max(...weights, Number.MIN_VALUE);
  const data = new Uint8Array(grid * grid * 3);
  weights.forEach((x, i) => {
    data.fill(Math.round((255 * x) / most), 3 * i, 3 * i + 3);
  });
  return toPngDataUri({ width: grid, height: grid, data });
};

const attentionSection = async ({ data, attention }: EvaluationDetails): Promise<Markup | undefined> => {
  if (attention === undefined) return undefined;
  const { heads, grid, weights, images } = attention;
  const shown = await picturesOf(data.test, data.classes, images);
  const size = grid * grid;
  const strips = shown.map(async (image, n) => {
    const beside = Array.from({ length: heads }, async (_, head) => {
      const at = (n * heads + head) * size;
      return { image: await heatPicture(weights.subarray(at, at + size), grid), caption: `head ${head + 1}` };
    });
    return { image, beside: await Promise.all(beside) };
  });
  const note = "How much the class token of the last block looks at each patch, for each head: white is the most of a picture.";
  return section({ title: "Attention of the class token", note, body: imageStrips(await Promise.all(strips)) });
};

const numbersSection = ({ knn = {}, linear, quality, backbone, images }: Evaluation): Markup => {
  const near = Object.entries(knn).flatMap(([which, accuracies]) =>
    Object.entries(accuracies).map(([k, accuracy]) => [`kNN of the ${which} encoder, k ${k}`, percent(accuracy)] as const),
  );
  const probe =
    linear === undefined
      ? []
      : ([
          [`linear probe, last epoch (rate ${linear.lr}, decay ${linear.wd}, chosen on held-out training images)`, percent(linear.last)],
          ["linear probe, its best held-out epoch", percent(linear.best)],
        ] as const);
  const rows = [
    ...near,
    ...probe,
    ["spread of unit-length features (1 is even)", quality.embeddingStd.toFixed(3)],
    [`effective rank, of ${backbone.width}`, quality.rankMe.toFixed(1)],
    ["alignment of two views", quality.alignment.toFixed(3)],
    ["uniformity", quality.uniformity.toFixed(3)],
    ["SHA-256 of the backbone, before and after", `${backbone.after.slice(0, 16)}, ${backbone.unchanged ? "equal" : "CHANGED"}`],
  ].map(([name, value]) => html`<tr><td>${name}</td><td class="number">${value}</td></tr>`);
  const note = `${images.train} training images, ${images.test} test images, accuracies on the test images.`;
  return section({ title: "Numbers", note, body: html`<div class="card"><table>${rows}</table></div>` });
};

/** An evaluation as one HTML page without network: its numbers, nearest neighbours, confusion matrix, map and attention. */
export const evaluationPage = async (title: string, evaluation: Evaluation, details: EvaluationDetails): Promise<string> => {
  const rows = await neighbourRows(details);
  const { data, test, predicted, predictedBy } = details;
  const { classes } = data;
  const counts = confusionMatrix(predicted, test.labels, classes.length);
  const shared = agreement(rows);
  const { backbone, encoder } = evaluation;
  const body = html`<header><p class="over">Evaluation</p><h1>${title}</h1><ul class="facts"><li><b>${encoder}</b> encoder</li><li>${backbone.name} at step ${backbone.step}</li><li>${evaluation.data}</li></ul></header>
${numbersSection(evaluation)}
${section({ title: "Nearest neighbours", ...(shared === undefined ? {} : { note: shared }), body: neighbourTable(rows) })}
${section({ title: "Confusion", note: `Classes given by the ${predictedBy}; rows are the true ones.`, body: confusionTable({ classes, counts }) })}
${mapSection(details)}${await attentionSection(details)}
<footer>Written by twinview. This file holds everything it shows; it loads nothing.</footer>`;
  return page({ title, body });
};
