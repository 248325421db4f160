export { type Head, type MlpOptions, type MlpParams, mlp } from "./mlp.ts";
