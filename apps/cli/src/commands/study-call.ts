import { specs } from "../specs.ts";
import type { StudyFlags } from "./study.ts";

const quoted = (value: string): string => (/^[\w./=:,@+-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`);

/** The command that runs one study as it was run, but for where it writes and how it shows what it does. */
export const studyCall = (id: string, { data, seeds, epochs, minutes, set, quick }: StudyFlags): string => {
  const flags = [
    ...(data === specs.study.flags.data.default ? [] : ["--data", quoted(data)]),
    ...Object.entries({ seeds, epochs, minutes }).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)])),
    ...set.flatMap((one) => ["--set", quoted(one)]),
    ...(quick ? ["--quick"] : []),
  ];
  return ["twinview study", id, ...flags].join(" ");
};
