/** A line that a campaign left. */
export interface Line {
  readonly campaign: string;
  readonly at: string;
  readonly machine: string;
  readonly promise: string;
  readonly status: string;
  readonly tried: number;
  readonly held: number;
  readonly found: string;
}

const numbers = /\d+/g;

/** What several runs of a campaign found: counts added up where the texts differ in nothing else, else the last text. */
const together = (texts: readonly string[]): string => {
  const last = texts.at(-1) ?? "";
  const alike = texts.every((text) => text.replace(numbers, "#") === last.replace(numbers, "#"));
  if (!alike || texts.length === 1) return last;
  const counts = texts.map((text) => [...text.matchAll(numbers)].map(([digits]) => Number(digits)));
  let at = 0;
  return last.replace(numbers, () => {
    const place = at++;
    return String(counts.reduce((sum, each) => sum + (each[place] as number), 0));
  });
};

const rowOf = (name: string, lines: readonly Line[]): string => {
  const last = lines.at(-1) as Line;
  if (lines.every(({ status }) => status === "skipped"))
    return `| \`${name}\` | ${last.promise} | skipped: ${last.found} | ${last.at.slice(0, 10)} |`;
  const sum = (key: "tried" | "held"): string => lines.reduce((total, line) => total + line[key], 0).toLocaleString("en");
  return `| \`${name}\` | ${last.promise} | ${sum("held")} of ${sum("tried")}: ${together(lines.map(({ found }) => found))} | ${last.at.slice(0, 10)} |`;
};

/** The table of all campaigns in the order in which they first come, and the machines they ran on. */
export const tableOf = (lines: readonly Line[]): string => {
  const names = [...new Set(lines.map(({ campaign }) => campaign))];
  const rows = names.map((name) =>
    rowOf(
      name,
      lines.filter(({ campaign }) => campaign === name),
    ),
  );
  const machines = [...new Set(lines.map(({ machine }) => machine))].join("; ");
  return ["| campaign | promise | held | date |", "| --- | --- | --- | --- |", ...rows, "", `Machine: ${machines}.`].join("\n");
};
