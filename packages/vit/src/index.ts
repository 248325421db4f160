export { type BlockOptions, type BlockParams, block } from "./block.ts";
export { patchProjection, patchRows } from "./patch.ts";
export { sinCosPosition } from "./position.ts";
export { b, l, mini, s, sizes, ti, type VitSize } from "./sizes.ts";
export { type VitOptions, type VitParams, vit } from "./vit.ts";
