/** A mistake of the caller in numeric code: shapes, names or options that do not fit together. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
  /** The option that has a wrong value, and whose it is, where the mistake is one of an option. */
  declare readonly option: { readonly where: string; readonly name: string } | undefined;

  constructor(message: string, option?: { readonly where: string; readonly name: string }) {
    super(message);
    // beside the message, not part of what is printed and compared
    Object.defineProperty(this, "option", { value: option });
  }
}

/**
 * Refuses a shape that is not the expected one.
 * `expected` may hold `null` for an axis of any length.
 * @throws ShapeError naming the function, the argument, the shape and what was expected.
 */
export const checkShape = (where: string, argument: string, shape: readonly number[], expected: readonly (number | null)[]): void => {
  const same = shape.length === expected.length && expected.every((want, axis) => want === null || want === shape[axis]);
  if (!same) {
    const wanted = expected.map((length) => length ?? "any").join(", ");
    throw new ShapeError(`${where}: ${argument} has shape [${shape.join(", ")}], expected [${wanted}]`);
  }
};

/**
 * Refuses an option outside its range.
 * @throws ShapeError with the function, the option, its value and the requirement.
 */
export const checkOption = (where: string, option: string, value: unknown, ok: boolean, requirement: string): void => {
  if (!ok) throw new ShapeError(`${where}: ${option} is ${String(value)}, expected ${requirement}`, { where, name: option });
};
