export { type ClosedOf, closed } from "./closed.ts";
export type { AnyCodec, Codec, Fields, Knowing, TypeOf } from "./codec.ts";
export { array, nullable, record, tagged } from "./containers.ts";
export { decode, encode, pathText, problemsIn } from "./decode.ts";
export { attempt, failure, orThrow, unwrap, userErrorOf } from "./failure.ts";
export type { CommandSpec, Flag, Parsed, Positional } from "./flag-spec.ts";
export { helpText } from "./help-text.ts";
export { type Json, type JsonFault, parseJson } from "./json.ts";
export { json } from "./json-codec.ts";
export { nearest, suggestion } from "./nearest.ts";
export { applyOverrides } from "./overrides.ts";
export { parseFlags, wantsHelp } from "./parse-flags.ts";
export { type Problem, problemsError } from "./problems.ts";
export { decodeJson, fileError, readJson } from "./read-json.ts";
export {
  anyNumber,
  between,
  bool,
  choice,
  finite,
  fraction,
  natural,
  nonNegative,
  numberThat,
  positive,
  positiveInt,
  text,
  textThat,
  wholeBetween,
} from "./scalars.ts";
export { brief, isUserError, printable, renderUserError, type UserError, type UserErrorDetails, userError } from "./user-error.ts";
