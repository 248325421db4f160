export {
  type AnyCodec,
  anyNumber,
  array,
  between,
  bool,
  type ClosedOf,
  type Codec,
  choice,
  closed,
  type Fields,
  finite,
  fraction,
  natural,
  nonNegative,
  nullable,
  numberThat,
  positive,
  positiveInt,
  record,
  type TypeOf,
  tagged,
  text,
} from "./codec.ts";
export { decode, encode, pathText, problemsIn } from "./decode.ts";
export type { CommandSpec, Flag, Parsed, Positional } from "./flag-spec.ts";
export { helpText } from "./help-text.ts";
export { type Json, type JsonFault, parseJson } from "./json.ts";
export { json } from "./json-codec.ts";
export { nearest, suggestion } from "./nearest.ts";
export { applyOverrides } from "./overrides.ts";
export { parseFlags, wantsHelp } from "./parse-flags.ts";
export { type Problem, problemsError } from "./problems.ts";
export { decodeJson, fileError, readJson } from "./read-json.ts";
export { brief, isUserError, printable, renderUserError, type UserError, type UserErrorDetails, userError } from "./user-error.ts";
