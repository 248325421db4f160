import { failure, userError } from "@twinview/config";

/** The numbers of a comma-separated list, each at least `min`; whole ones where `integer` is set. Throws a user error otherwise. */
export const numberList = (
  flag: string,
  text: string,
  { min, integer = false }: { readonly min: number; readonly integer?: boolean },
): readonly number[] =>
  text.split(",").map((part) => {
    const x = part.trim() === "" ? Number.NaN : Number(part);
    if (Number.isFinite(x) && x >= min && (!integer || Number.isInteger(x))) return x;
    const kind = integer ? "whole numbers" : "numbers";
    throw failure(
      userError("flags", `${flag}: wrong value`, {
        got: JSON.stringify(part),
        expected: `${kind} of at least ${min}, separated by commas`,
      }),
    );
  });
