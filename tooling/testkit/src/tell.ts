/** Writes what a check found as one JSON line, for programs that read the output of tests. */
export const tell = (check: string, figures: Readonly<Record<string, unknown>>): void => {
  process.stdout.write(`${JSON.stringify({ check, ...figures })}\n`);
};
