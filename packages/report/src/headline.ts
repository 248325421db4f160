import { barChart } from "./bar-chart.ts";
import { html, type Markup } from "./markup.ts";
import { bytesText, countText, durationText, percentText, pointsText, shortText } from "./number-text.ts";
import type { Summary } from "./summary.ts";

type Knn = NonNullable<Summary["knn"]>;

const bigNumber = (name: string, share: number, place: string): Markup =>
  html`<div class="${place}"><dt>${name}</dt><dd>${(100 * share).toFixed(1)}<span class="unit">%</span></dd></div>`;

const against = (difference: number, what: string): Markup =>
  html`<span class="${difference < 0 ? "down" : "up"}">${pointsText(difference)}</span> against ${what}`;

const knnCard = ({ raw, random, trained, k }: Knn): Markup => {
  const bars = [
    { name: "Trained", value: trained, text: percentText(trained), tone: 1 },
    { name: "Untrained", value: random, text: percentText(random), tone: 0 },
    { name: "Raw pixels", value: raw, text: percentText(raw), tone: 5 },
  ] as const;
  const numbers = html`<dl class="numbers">${bigNumber("trained encoder", trained, "main")}${bigNumber("untrained encoder", random, "")}${bigNumber("raw pixels", raw, "")}</dl>`;
  const verdict = html`<p class="verdict">${against(trained - random, "untrained")}, ${against(trained - raw, "raw pixels")}</p>`;
  const note = html`<p class="note">Share of query images whose class their ${k} nearest training images name.</p>`;
  const chart = barChart({ bars, max: 1, label: `kNN accuracy: ${bars.map(({ name, text }) => `${name} ${text}`).join(", ")}` });
  return html`<div class="card hero"><div><h2>kNN accuracy</h2>${numbers}${verdict}${note}</div>${chart}</div>`;
};

const noLabels = html`<div class="card hero"><div><h2>kNN accuracy</h2><p>The images have no classes, so accuracy cannot be measured. The nearest neighbours below show what the encoder has learnt.</p></div></div>`;

const tile = (name: string, value: string, more: string): Markup =>
  html`<div><dt>${name}</dt><dd><div class="name">${name}</div><div class="value">${value}</div><div class="more">${more}</div></dd></div>`;

const plural = (count: number, one: string): string => `${countText(count)} ${one}${count === 1 ? "" : "s"}`;

const tiles = ({ loss, imagesPerSecond, seconds, steps, peakRssBytes, stability, linear }: Summary, epochs: number | undefined): Markup => {
  const { spikes, dips, nonFinite, collapse = 0 } = stability;
  const collapsed = collapse === 0 ? "" : collapse === 1 ? ", collapsed" : `, collapsed ${countText(collapse)} times`;
  const list = [
    tile("Loss", shortText(loss.last), `from ${shortText(loss.first)}`),
    tile("Steps", countText(steps), epochs === undefined ? "" : shortText(epochs) === "1" ? "1 epoch" : `${shortText(epochs)} epochs`),
    tile("Training time", durationText(seconds), ""),
    tile("Speed", `${shortText(imagesPerSecond)} / s`, "images"),
    tile("Peak memory", bytesText(peakRssBytes), ""),
    tile(
      "Stability",
      plural(spikes, "spike"),
      `${plural(dips, "kNN dip")}, ${nonFinite === 0 ? "all finite" : `${countText(nonFinite)} not finite`}${collapsed}`,
    ),
  ];
  const probe = linear === undefined ? [] : [tile("Linear probe", percentText(linear.last), `best ${percentText(linear.best)}`)];
  return html`<dl class="card tiles">${list}${probe}</dl>`;
};

/** The numbers that a run is judged by. */
export const headline = (summary: Summary, epochs: number | undefined): Markup =>
  html`${summary.knn === null ? noLabels : knnCard(summary.knn)}${tiles(summary, epochs)}`;
