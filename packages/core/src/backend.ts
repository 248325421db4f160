import { scopePath } from "./scope.ts";
import { type TfModule, tf } from "./tfjs.ts";

export type { TfModule } from "./tfjs.ts";

/** What an engine needs to run or record the numeric code on a backend of its own: tfjs itself and the path of the running scope. */
export const tfModule = (): { readonly tf: TfModule; readonly scopePath: () => string } => ({ tf, scopePath });
