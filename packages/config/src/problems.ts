import { type UserError, userError } from "./user-error.ts";

/** One of several mistakes in one input, with the path of the value it is about. */
export interface Problem {
  readonly path: string;
  readonly what: string;
  readonly got?: string;
  readonly expected?: string;
  readonly fix?: string;
}

const listed = 8;

const headline = ({ path, what }: Problem): string => (path === "" ? what : `${path}: ${what}`);

const oneLine = (problem: Problem): string => {
  const { got, expected, fix } = problem;
  const parts = [
    got === undefined ? "" : `, got ${got}`,
    expected === undefined ? "" : `, expected ${expected}`,
    fix === undefined ? "" : `; ${fix}`,
  ];
  return `  ${headline(problem)}${parts.join("")}`;
};

/** All mistakes of one input as one user error: a single one in full, several as a list of which the first eight are named. */
export const problemsError = (kind: string, where: string, problems: readonly Problem[]): UserError => {
  const [first] = problems;
  if (first !== undefined && problems.length === 1) {
    const { got, expected, fix } = first;
    return userError(kind, headline(first), {
      where,
      ...(got === undefined ? {} : { got }),
      ...(expected === undefined ? {} : { expected }),
      ...(fix === undefined ? {} : { fix }),
    });
  }
  const more = problems.length > listed ? [`  and ${problems.length - listed} more`] : [];
  return userError(kind, [`${problems.length} problems`, ...problems.slice(0, listed).map(oneLine), ...more].join("\n"), { where });
};
