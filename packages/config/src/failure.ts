import type { Either } from "fp-ts/lib/Either.js";
import type * as TE from "fp-ts/lib/TaskEither.js";
import { isUserError, type UserError } from "./user-error.ts";

/** An `Error` that carries a user error as its cause, for the places that only know exceptions (promises, threads). */
export const failure = (error: UserError): Error => new Error(error.what, { cause: error });

/** The user error inside what was thrown, if there is one. */
export const userErrorOf = (thrown: unknown): UserError | undefined => {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  return isUserError(cause) ? cause : undefined;
};

/** The value of a result; its user error is thrown as a {@link failure}. */
export const orThrow = <A>(result: Either<UserError, A>): A => {
  if (result._tag === "Right") return result.right;
  throw failure(result.left);
};

/** The value of a task; its user error is thrown as a {@link failure}. */
export const unwrap = async <A>(wanted: TE.TaskEither<UserError, A>): Promise<A> => orThrow(await wanted());

/** A task whose failures are values: programming errors still reject, with their stack, since nothing a user does can mend them. */
export const attempt =
  <A>(run: () => Promise<A>): TE.TaskEither<UserError, A> =>
  async () => {
    try {
      return { _tag: "Right", right: await run() };
    } catch (thrown) {
      const error = userErrorOf(thrown);
      if (error === undefined) throw thrown;
      return { _tag: "Left", left: error };
    }
  };
