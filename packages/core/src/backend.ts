import { onBackend, toHost, useCpu } from "./evaluate.ts";
import { scopePath } from "./scope.ts";
import { type TfModule, tf } from "./tfjs.ts";

export type { TfModule } from "./tfjs.ts";

/** What an engine needs to run or record the numeric code on a backend of its own. */
export interface TfAccess {
  readonly tf: TfModule;
  /** The path of the running scope. */
  readonly scopePath: () => string;
  /** Loads tfjs's pure JavaScript backend and gives its name. */
  readonly useCpu: typeof useCpu;
  /** Makes a backend the active one for the time of a function. */
  readonly onBackend: typeof onBackend;
  /** The numbers of a tensor of the active backend, copied. */
  readonly toHost: typeof toHost;
}

/** What an engine needs to run or record the numeric code on a backend of its own: tfjs itself and what is kept beside it. */
export const tfModule = (): TfAccess => ({ tf, scopePath, useCpu, onBackend, toHost });
