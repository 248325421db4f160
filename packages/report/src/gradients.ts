import { stepAxis } from "./curve-card.ts";
import { gradientMaps } from "./gradient-maps.ts";
import type { History } from "./history.ts";
import { layerScales } from "./layer-scales.ts";
import { legend, lineChart, type Series } from "./line-chart.ts";
import { html, type Markup } from "./markup.ts";
import { countText, shortText } from "./number-text.ts";
import { chartCard } from "./page.ts";
import { type SpikeEvent, spikeEvents, strongestFirst } from "./spike-events.ts";

const mostListed = 6;

/** The first and the last weight matrix of the encoder (of all layers, when no path says which is which). */
export const weightEnds = (paths: readonly string[]): readonly string[] => {
  const encoder = paths.filter((path) => path.startsWith("encoder/"));
  const among = encoder.length > 0 ? encoder : paths;
  const weights = among.filter((path) => path.endsWith("/w"));
  const [first, last] = weights.length > 1 ? [weights[0], weights.at(-1)] : [among[0], among.at(-1)];
  return [...new Set([first, last])].filter((path) => path !== undefined);
};

const ends = ({ steps, layers }: History): Markup => {
  const places = ["first", "last"] as const;
  const tones = [2, 1] as const;
  const paths = weightEnds([...layers.keys()]);
  const series = paths.map(
    (path, i): Series => ({ name: `${places[i]} layer`, tone: tones[i] ?? 0, look: "fine", x: steps, y: layers.get(path) ?? [] }),
  );
  const chart = lineChart({
    series,
    x: stepAxis,
    y: { label: "norm", scale: "log" },
    label: "Gradient norm of the first and the last layer by step",
  });
  const note = paths.map((path, i) => `${places[i]}: ${path}`).join(", ");
  return chartCard({ title: "First and last layer of the encoder", chart, keys: legend(series), note });
};

const stepsText = ({ first, last }: SpikeEvent): string =>
  first === last ? countText(first + 1) : `${countText(first + 1)} to ${countText(last + 1)}`;

const spikeTable = (events: readonly SpikeEvent[]): Markup => {
  const rows = strongestFirst(events)
    .slice(0, mostListed)
    .map(
      (event) =>
        html`<tr><td class="short">${stepsText(event)}</td><td>${event.began}</td><td class="less">${event.strongest.layer}</td><td class="number">${shortText(event.strongest.ratio)}×</td><td class="number less">${event.layers}</td></tr>`,
    );
  const more =
    events.length > mostListed ? html`<p class="note">And ${countText(events.length - mostListed)} smaller ones.</p>` : undefined;
  const head = html`<tr><th>steps</th><th>began in</th><th class="less">strongest in</th><th class="number">over median</th><th class="number less">layers</th></tr>`;
  return html`<div class="card wide"><div class="head"><h3>Largest spikes</h3></div><table>${head}${rows}</table>${more}</div>`;
};

const whole = ({ steps, columns }: History): Markup =>
  chartCard({
    title: "Norm of the whole gradient",
    chart: lineChart({
      series: [{ name: "norm", tone: 4, look: "fine", x: steps, y: columns.gradientNorm }],
      x: stepAxis,
      y: { label: "norm", scale: "log" },
      label: "Norm of the whole gradient by step",
    }),
  });

/** How gradients went in each layer: maps of layers by steps, the first and the last layer, the whole, the spikes. */
export const gradients = (history: History, k: number): Markup => {
  const events = spikeEvents(history.spikes);
  const table = events.length === 0 ? undefined : spikeTable(events);
  return html`<div class="pair">${gradientMaps(history, events, k)}${ends(history)}${whole(history)}${layerScales(history)}${table}</div>`;
};
