import { html, type Markup, page, section } from "@twinview/report";
import type { StudyResult } from "./result.ts";
import { howText, settingColumns, settingRow, verdictText } from "./study-table.ts";

const tableOf = (columns: readonly string[], rows: readonly (readonly string[])[]): Markup => {
  const head = html`<tr>${columns.map((name) => html`<th>${name}</th>`)}</tr>`;
  return html`<div class="card"><table>${head}${rows.map((texts) => html`<tr>${texts.map((text) => html`<td>${text}</td>`)}</tr>`)}</table></div>`;
};

const findingsTable = ({ measured }: StudyResult): Markup =>
  tableOf(
    ["rule, fixed before the runs", "measured", "holds"],
    measured.map(({ rule, decides, verdict, measured: numbers }) => [decides ? rule : `beside: ${rule}`, numbers, verdict]),
  );

const about = ({ dataset, images, raw, quick }: StudyResult): string =>
  `${quick ? "A smoke test of a few steps: it shows nothing. " : ""}Data: ${dataset}, ${Math.round(images).toLocaleString("en")} images a run of length 1. Accuracies: kNN top-1 in percent, k 20, mean and standard deviation over seeds; raw pixels reach ${(100 * raw).toFixed(1)}. The paper's numbers are linear probes on ImageNet: compare differences, not levels.`;

/** A study as one HTML page without network: the paper beside what was measured, the figures, the rule and what follows. */
export const studyPage = (result: StudyResult, figures: readonly Markup[]): string => {
  const { id, title, paper, settings, reproduced, statistic, notes } = result;
  const words = html`<div class="pair"><div class="card"><h3>What the paper did</h3><p>${paper.did}</p></div><div class="card"><h3>What it found (${paper.where})</h3><p>${paper.found}</p></div></div>`;
  const remarks = notes.length === 0 ? undefined : section({ title: "What is different here", body: html`<p>${notes.join(" ")}</p>` });
  const body = html`<header><p class="over">Study ${id} of MoCo v3, arXiv 2104.02057</p><h1>${title}: ${verdictText[reproduced]}</h1></header>
${section({ title: "The paper", body: words })}
${section({ title: "Here", note: about(result), body: tableOf(settingColumns(result), settings.map(settingRow)) })}
${section({ title: "Figure", body: html`<div class="pair">${figures}</div>` })}
${section({ title: "The rule", note: `What decides: ${statistic}.`, body: findingsTable(result) })}
${remarks}
${section({ title: "How it was run", body: html`<p>${howText(result).replaceAll("`", "")}</p>` })}
<footer>Written by twinview. This file holds everything it shows; it loads nothing.</footer>`;
  return page({ title: `${id}: ${title}`, body });
};

/** All results on one page, a row each. */
export const studiesPage = (results: readonly StudyResult[]): string => {
  const rows = results.map(({ id, title, paper, reproduced, measured }) => {
    const decided = measured.filter(({ decides }) => decides).map((one) => `${one.verdict}: ${one.measured}`);
    return html`<tr><td><a href="./${id}/study.html">${id}</a></td><td>${title}</td><td>${paper.found}</td><td class="short">${verdictText[reproduced]}</td><td>${decided.join("; ")}</td></tr>`;
  });
  const head = html`<tr>${["study", "title", "the paper found", "here", "what decided"].map((name) => html`<th>${name}</th>`)}</tr>`;
  const count = results.filter(({ reproduced }) => reproduced === "yes").length;
  const body = html`<header><p class="over">MoCo v3, arXiv 2104.02057</p><h1>Studies: ${count} of ${results.length} reproduced</h1></header>
${section({ title: "Results", body: html`<div class="card"><table>${head}${rows}</table></div>` })}
<footer>Written by twinview.</footer>`;
  return page({ title: "Studies", body });
};
