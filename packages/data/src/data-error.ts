import type { UserError, UserErrorDetails } from "@twinview/config";
import type * as TE from "fp-ts/lib/TaskEither.js";

/** What can be wrong with a data set, one kind for each mistake. */
export type DataErrorKind =
  | "data-missing" // the path does not exist
  | "data-unknown-name" // neither a path nor the name of a data set
  | "data-not-folder" // a file where a folder was expected
  | "data-empty" // a folder without images
  | "data-one-image" // a single image cannot be contrasted with anything
  | "data-unreadable" // images, and none of them can be decoded
  | "data-too-many-bad" // more broken images than the limit allows
  | "data-format" // a data file that breaks its format
  | "data-classes" // test classes the training set does not have
  | "data-package" // the npm package of a data set is not installed
  | "data-loader" // the loader's threads keep dying
  | "data-read"; // the operating system refused

/** A mistake in the data, as plain data; a `UserError` of config with its kind narrowed. */
export type DataError = UserError & { readonly kind: DataErrorKind };

/** Builds a {@link DataError}. */
export const dataError = (kind: DataErrorKind, what: string, details: UserErrorDetails = {}): DataError => ({ kind, what, ...details });

/** An `Error` that carries a {@link DataError} as its cause, for the places that only know exceptions (promises, threads). */
export const failure = (error: DataError): Error => {
  const parts = [error.where, error.what, error.fix].filter((part) => part !== undefined);
  return new Error(parts.join(": "), { cause: error });
};

/** Leaves the current computation with a {@link DataError}. */
export const refuse = (kind: DataErrorKind, what: string, details: UserErrorDetails = {}): never => {
  throw failure(dataError(kind, what, details));
};

/** The {@link DataError} inside what was thrown; errors of the operating system become one of kind "data-read". */
export const dataErrorOf = (thrown: unknown): DataError | undefined => {
  if (!(thrown instanceof Error)) return undefined;
  const { cause } = thrown as { readonly cause?: unknown };
  if (typeof cause === "object" && cause !== null && "kind" in cause && "what" in cause) return cause as DataError;
  const { code, path } = thrown as NodeJS.ErrnoException;
  if (typeof code !== "string") return undefined;
  return dataError("data-read", `cannot read the data: ${thrown.message}`, path === undefined ? {} : { where: path });
};

/** A task whose refusals are values: programming errors still reject, since nothing a user does can mend them. */
export const task =
  <A>(run: () => Promise<A>): TE.TaskEither<DataError, A> =>
  async () => {
    try {
      return { _tag: "Right", right: await run() };
    } catch (thrown) {
      const error = dataErrorOf(thrown);
      if (error === undefined) throw thrown;
      return { _tag: "Left", left: error };
    }
  };

/** The value of a task inside another one. */
export const rightOf = async <A>(wanted: TE.TaskEither<DataError, A>): Promise<A> => {
  const result = await wanted();
  if (result._tag === "Right") return result.right;
  throw failure(result.left);
};
