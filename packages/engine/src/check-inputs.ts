import { checkShape, type HostArray, ShapeError, sizeOf } from "@twinview/core";
import type { Program } from "./engine.ts";

const listed = (names: readonly string[]): string => (names.length === 0 ? "none" : names.join(", "));

/** The program of that name. @throws ShapeError with the names that there are. */
export const programOf = (programs: Readonly<Record<string, Program>>, name: string): Program => {
  const program = Object.hasOwn(programs, name) ? programs[name] : undefined;
  if (program === undefined) throw new ShapeError(`run: there is no program ${name}; programs: ${listed(Object.keys(programs))}`);
  return program;
};

/**
 * Refuses inputs that are not those of the program: an engine would stop far from the mistake, or not at all.
 * @throws ShapeError naming the program, the input, what it is and what was expected.
 */
export const checkInputs = (name: string, { inputs: specs }: Program, inputs: Readonly<Record<string, HostArray>>): void => {
  const missing = Object.keys(specs).filter((input) => inputs[input] === undefined);
  if (missing.length > 0) throw new ShapeError(`run: ${name} lacks ${listed(missing)}; given: ${listed(Object.keys(inputs))}`);
  const unknown = Object.keys(inputs).filter((input) => specs[input] === undefined);
  if (unknown.length > 0) throw new ShapeError(`run: ${name} has no input ${listed(unknown)}; inputs: ${listed(Object.keys(specs))}`);
  for (const [input, spec] of Object.entries(specs)) {
    const { shape, dtype, data } = inputs[input] as HostArray;
    checkShape(`run: ${name}`, input, shape, spec.shape);
    if (dtype !== spec.dtype) throw new ShapeError(`run: ${name}: ${input} is ${dtype}, expected ${spec.dtype}`);
    const count = sizeOf(shape);
    if (data.length !== count) throw new ShapeError(`run: ${name}: ${input} holds ${data.length} numbers, its shape ${count}`);
  }
};
