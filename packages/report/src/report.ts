import { curves } from "./curves.ts";
import { configTables, noteList } from "./details.ts";
import { embeddings } from "./embeddings.ts";
import { gradients } from "./gradients.ts";
import { headline } from "./headline.ts";
import { historyOf } from "./history.ts";
import { html, type Markup } from "./markup.ts";
import { page, section } from "./page.ts";
import { agreement, neighbourTable, sampleTable } from "./pictures.ts";
import type { ReportInput } from "./report-input.ts";

const defaultK = 20;

const pictureSections = ({ samples, neighbours }: ReportInput): readonly Markup[] => {
  const note = agreement(neighbours);
  const asked = "On the left an image that was not trained on, then the training images closest to it, with their cosine similarity.";
  return [
    ...(samples.length === 0
      ? []
      : [section({ title: "What the method sees", note: "Training images and the views it compares.", body: sampleTable(samples) })]),
    ...(neighbours.length === 0
      ? []
      : [
          section({ title: "Nearest neighbours", note: note === undefined ? asked : `${asked} ${note}`, body: neighbourTable(neighbours) }),
        ]),
  ];
};

/**
 * A run as one HTML page: headline numbers, curves, gradients, images, configuration. The page needs no network, every text in it is
 * escaped, and its policy lets nothing run but its own script, see `pagePolicy`.
 */
export const renderReport = (input: ReportInput): string => {
  const { title, summary, config, environment, records, notes } = input;
  const history = historyOf(records);
  const k = summary.knn?.k ?? defaultK;
  const facts = [
    ["encoder", summary.backbone],
    ["method", summary.method],
    ["data", summary.dataset],
    ["seed", String(summary.seed)],
  ] as const;
  const header = html`<header><p class="over">Training run</p><h1>${title}</h1><ul class="facts">${facts.map(([name, value]) => html`<li>${name} <b>${value}</b></li>`)}</ul></header>`;
  const body = html`${header}
${headline(summary, history.columns.epoch.at(-1))}
${section({ title: "Training", body: curves(history, k) })}
${section({ title: "Embeddings", body: embeddings(history) })}
${history.layers.size === 0 ? undefined : section({ title: "Gradients", body: gradients(history, k) })}
${pictureSections(input)}
${notes.length === 0 ? undefined : section({ title: "Notes", body: noteList(notes) })}
${section({ title: "Configuration and machine", body: configTables(config, environment) })}
<footer>Written by twinview. This file holds everything it shows; it loads nothing.</footer>`;
  return page({ title, body });
};
