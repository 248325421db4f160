import { type CommandSpec, dashed, type Flag } from "./flag-spec.ts";

const placeholder = (flag: Flag): string => {
  if (flag.type === "boolean") return "";
  return ` ${flag.value ?? (flag.type === "choice" ? flag.choices.join("|") : flag.type === "number" ? "N" : "TEXT")}`;
};

const flagLine = ([name, flag]: readonly [string, Flag]): readonly [string, string] => {
  const short = flag.short === undefined ? "" : `, -${flag.short}`;
  const notes = [
    flag.type !== "boolean" && flag.required === true ? "required" : "",
    flag.type !== "boolean" && flag.repeat === true ? "may be repeated" : "",
    flag.default === undefined ? "" : `default ${String(flag.default)}`,
  ].filter((note) => note !== "");
  return [`${dashed(name)}${short}${placeholder(flag)}`, `${flag.help}${notes.length === 0 ? "" : ` (${notes.join(", ")})`}`];
};

const columns = (rows: readonly (readonly [string, string])[]): readonly string[] => {
  const width = Math.min(38, Math.max(...rows.map(([left]) => left.length)));
  return rows.map(([left, right]) =>
    left.length > width ? `  ${left}\n  ${" ".repeat(width)}  ${right}` : `  ${left.padEnd(width)}  ${right}`,
  );
};

/** The usage of a command: one line of summary, the synopsis, then arguments and flags in the order of the table. */
export const helpText = (spec: CommandSpec): string => {
  const args = Object.entries(spec.args ?? {});
  const shape = args.map(([name, arg]) => {
    const word = arg.rest === true ? `${name} ...` : name;
    return arg.required === true ? `<${word}>` : `[${word}]`;
  });
  const argRows = args.map(
    ([name, arg]) => [name, arg.choices === undefined ? arg.help : `${arg.help}: ${arg.choices.join(", ")}`] as const,
  );
  const flagRows = [...Object.entries(spec.flags).map(flagLine), ["--help, -h", "show this text"] as const];
  const section = (title: string, rows: readonly (readonly [string, string])[]) => (rows.length === 0 ? [] : ["", title, ...columns(rows)]);
  return [
    spec.summary,
    "",
    `usage: ${[spec.name, ...shape, "[flags]"].join(" ")}`,
    ...section("arguments", argRows),
    ...section("flags", flagRows),
    "",
  ].join("\n");
};
