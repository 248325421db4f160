/**
 * A mistake that comes from outside the program (a flag, a file, a full disk), as plain data: printed once by the command,
 * never thrown.
 */
export interface UserError {
  /** What sort of mistake, for programs: "flags", "config", "file", "checkpoint" ... */
  readonly kind: string;
  /** The mistake in one sentence. */
  readonly what: string;
  /** The file, flag or path it is about. */
  readonly where?: string;
  readonly got?: string;
  readonly expected?: string;
  /** What the user can do about it. */
  readonly fix?: string;
}

/** The optional parts of a {@link UserError}. */
export type UserErrorDetails = Omit<UserError, "kind" | "what">;

/** Builds a {@link UserError}. */
export const userError = (kind: string, what: string, details: UserErrorDetails = {}): UserError => ({ kind, what, ...details });

const detailNames = ["where", "got", "expected", "fix"] as const;

/** Whether a value is a {@link UserError}: a record with the texts `kind` and `what`, and no other sort of value in its details. */
export const isUserError = (value: unknown): value is UserError => {
  if (typeof value !== "object" || value === null || value instanceof Error) return false;
  const record = value as Readonly<Record<string, unknown>>;
  const isText = (name: string): boolean => typeof record[name] === "string";
  return isText("kind") && isText("what") && detailNames.every((name) => record[name] === undefined || isText(name));
};

/**
 * Text that is safe to write to a terminal: control characters (escape sequences among them) and the invisible marks that
 * reverse or hide text become `\uXXXX`, in which JSON text keeps its meaning; line ends and tabs stay.
 */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029\ufeff]/gu, (c) =>
    c === "\n" || c === "\t" ? c : `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** A value as short JSON for a message: at most `limit` characters, cut in the middle of long values. */
export const brief = (value: unknown, limit = 60): string => {
  const shallow = (v: unknown): unknown => (Array.isArray(v) ? `[${v.length} values]` : typeof v === "object" && v !== null ? "{..}" : v);
  const shorten = (v: unknown): unknown => {
    if (typeof v === "string") return v.length > limit ? `${v.slice(0, limit - 3)}...` : v;
    if (Array.isArray(v)) return v.length > 8 ? shallow(v) : v.map(shallow);
    if (typeof v !== "object" || v === null) return v;
    return Object.fromEntries(
      Object.keys(v)
        .slice(0, 4)
        .map((key) => [key, shallow((v as Readonly<Record<string, unknown>>)[key])]),
    );
  };
  const text = typeof value === "number" ? String(value) : (JSON.stringify(shorten(value)) ?? String(value));
  return text.length > limit ? `${text.slice(0, limit - 3)}...` : text;
};

/**
 * A user error as the text of a terminal: the sentence, then where, got, expected and fix, a line each and only when known.
 *
 *     error: optim.momentun: unknown key
 *       where: config.json
 *       expected: one of lr, momentum
 *       fix: did you mean "momentum"?
 */
export const renderUserError = (error: UserError): string => {
  const details = detailNames.flatMap((name) => (error[name] === undefined ? [] : [`  ${name}: ${error[name]}`]));
  return printable([`error: ${error.what}`, ...details].join("\n"));
};
