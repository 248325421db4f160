import { tfModule } from "@twinview/core";
import { eagerEngine } from "./eager-engine.ts";
import type { Engine } from "./engine.ts";

/**
 * The oracle: every program operation by operation on tfjs's pure JavaScript backend, in this process. Slow; for tests and for
 * finding out whether another engine is wrong.
 */
export const referenceEngine = (): Engine => eagerEngine({ name: "reference", load: () => tfModule().useCpu() });
