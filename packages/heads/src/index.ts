export { type Head, identity } from "./head.ts";
export { type LayerNorm, type MlpOptions, type MlpParams, mlp } from "./mlp.ts";
export { type PrototypesParams, prototypes, unitPrototypes } from "./prototypes.ts";
