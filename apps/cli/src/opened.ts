import { type OpenedRun, openRun } from "@twinview/assess";
import { failure, userError } from "@twinview/config";
import type { App, StoredRun } from "@twinview/train";
import type { Terminal } from "./output.ts";

/** A run that a command looks into, and where it tells what happens: beside the result, which programs read from the output. */
export const openedRun = async (
  terminal: Terminal,
  apps: Readonly<Record<string, App>>,
  runDir: string,
  { weights, json }: { readonly weights?: string | undefined; readonly json: boolean },
): Promise<{ readonly opened: OpenedRun; readonly note: (text: string) => void }> => {
  const note = (text: string): void => (json ? terminal.error : terminal.out)(`${text}\n`);
  const opened = await openRun(apps, runDir, weights);
  for (const text of opened.warnings) note(`warning: ${text}`);
  return { opened, note };
};

/** The data that were asked for, else those of the run. Throws a user error where a damaged configuration names none. */
export const dataNameOf = ({ data, configPath }: StoredRun, asked?: string): string => {
  const name = asked ?? data;
  if (name === undefined) throw failure(userError("config", "the configuration names no data", { where: configPath }));
  return name;
};
