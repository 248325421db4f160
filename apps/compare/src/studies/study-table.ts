import { spreadOf } from "../statistics.ts";
import type { StudyResult } from "./result.ts";

type SettingResult = StudyResult["settings"][number];

/** The columns of the table of a study. */
export const settingColumns = ({ settings }: Pick<StudyResult, "settings">): readonly string[] => [
  ...["setting", "paper", "here: kNN"],
  ...(settings.some(({ transfer }) => transfer !== undefined) ? ["fine-tuned: test", "fine-tuned: training"] : []),
  ...["falls of the curve", "spikes", "dips", "steps", "seeds"],
];

const percent = (values: readonly number[], digits: number): string => {
  const { mean, std } = spreadOf(values);
  return values.length > 1 ? `${(100 * mean).toFixed(digits)} ± ${(100 * std).toFixed(digits)}` : (100 * mean).toFixed(digits);
};
const count = (values: readonly number[]): string => spreadOf(values).mean.toFixed(1);

/** A setting as texts: the paper's linear probe, kNN accuracy and falls in percent and points, counts as means over seeds. */
export const settingRow = ({
  name,
  paper,
  knn,
  transfer,
  falls,
  spikes,
  dips,
  steps,
  seeds,
  finished,
}: SettingResult): readonly string[] => {
  const lost = finished.filter((one) => !one).length;
  return [
    name,
    paper === null ? "–" : paper.toFixed(1),
    `${percent(knn, 1)}${lost === 0 ? "" : ` (${lost} of ${finished.length} ended in NaN)`}`,
    ...(transfer === undefined
      ? []
      : [transfer.map(({ test }) => test), transfer.map(({ train }) => train)].map((each) => percent(each, 1))),
    percent(falls, 1),
    count(spikes),
    count(dips),
    String(steps[0] ?? 0),
    String(seeds.length),
  ];
};

/** What stands for each verdict in texts. */
export const verdictText = { yes: "reproduced", no: "not reproduced", unclear: "unclear" } as const;

/** How a study was run: its command, machines and time. */
export const howText = ({ command, machines, seconds }: Pick<StudyResult, "command" | "machines" | "seconds">): string =>
  `\`${command}\` on ${machines.join("; ")}: ${(seconds / 60).toFixed(0)} minutes of training, cells shared with other studies included.`;

const cellText = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");
const row = (texts: readonly string[]): string => `| ${texts.map(cellText).join(" | ")} |`;

/** A study as Markdown: the paper's words, the table, each rule with its verdict. */
export const studyMarkdown = (result: StudyResult): string => {
  const { id, title, paper, settings, measured, reproduced, notes, images, dataset, raw, quick } = result;
  const size = `${dataset}, ${Math.round(images).toLocaleString("en")} images a cell of length 1; kNN k 20; raw pixels ${(100 * raw).toFixed(1)}`;
  return [
    `## ${id}: ${title}`,
    `**${verdictText[reproduced]}**${quick ? " (a smoke test: it shows nothing)" : ""}`,
    `The paper (${paper.where}): ${paper.did} ${paper.found}`,
    [row(settingColumns(result)), row(settingColumns(result).map(() => "---")), ...settings.map((one) => row(settingRow(one)))].join("\n"),
    measured.map((one) => `- ${one.verdict}${one.decides ? "" : " (beside)"}: ${one.rule}: ${one.measured}`).join("\n"),
    ...(notes.length > 0 ? [notes.join(" ")] : []),
    `${size}. ${howText(result)}`,
    "",
  ].join("\n\n");
};

/** All results as one Markdown table. */
export const studiesMarkdown = (results: readonly StudyResult[]): string => {
  const head = ["study", "title", "the paper found", "here", "what decided", "minutes"];
  const rows = results.map(({ id, title, paper, reproduced, measured, seconds }) => {
    const decided = measured.filter(({ decides }) => decides).map((one) => `${one.verdict}: ${one.measured}`);
    return [id, title, paper.found, verdictText[reproduced], decided.join("; "), (seconds / 60).toFixed(0)];
  });
  return `${[head, head.map(() => "---"), ...rows].map(row).join("\n")}\n`;
};
