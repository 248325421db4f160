import { type Study, studies } from "@twinview/compare";
import { failure, suggestion, userError } from "@twinview/config";
import type { Terminal } from "../output.ts";

/** The studies as data: what each is and what it would train. */
const listing = () =>
  studies.map(({ id, title, paper, settings, seeds, images, transfer, statistic, claims, besides = [] }) => ({
    id,
    title,
    paper,
    settings: settings.map(({ name, app, backbone, batch, times, set, paper: number }) => ({
      name,
      method: app.method,
      backbone,
      batch,
      times,
      set,
      paper: number ?? null,
    })),
    seeds,
    images,
    transfer: transfer?.to ?? null,
    statistic,
    rule: claims.map(({ says }) => says),
    besides: besides.map(({ says }) => says),
  }));

const numberOf = (id: string): number => Number(id.slice(1));

/** Shows all studies, as lines or as one JSON array. */
export const listStudies = (terminal: Terminal, json: boolean): void => {
  const all = listing().sort((a, b) => numberOf(a.id) - numberOf(b.id));
  const lines = all.map((one) => {
    const what = `${one.settings.length} settings x ${one.seeds} seeds${one.transfer === null ? "" : `, fine-tuned on ${one.transfer}`}`;
    return `${one.id.padEnd(4)} ${one.title.padEnd(42)} ${what}\n     ${one.paper.found}\n`;
  });
  terminal.out(json ? `${JSON.stringify(all)}\n` : lines.join(""));
};

/** The studies of ids in either case, or all; a user error for one that is unknown. */
export const chosenStudies = (ids: readonly string[]): readonly Study[] => {
  const known = studies.map(({ id }) => id).sort((a, b) => numberOf(a) - numberOf(b));
  if (ids.length === 0)
    throw failure(
      userError("flags", "no study was named", {
        expected: `all, or ids among ${known.join(", ")}`,
        fix: "twinview study --list shows them",
      }),
    );
  const chosen = ids.flatMap((given) => {
    const id = given.toUpperCase();
    if (id === "ALL") return studies;
    const study = studies.find((one) => one.id === id);
    if (study !== undefined) return [study];
    const fix = suggestion(given, [...known, "all"]);
    throw failure(
      userError("flags", `unknown study ${JSON.stringify(given)}`, {
        expected: `all, or ids among ${known.join(", ")}`,
        ...(fix === undefined ? {} : { fix }),
      }),
    );
  });
  return [...new Set(chosen)];
};
