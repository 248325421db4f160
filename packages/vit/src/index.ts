export { type BlockOptions, type BlockParams, type BlockState, block } from "./block.ts";
export { classAttention } from "./class-attention.ts";
export { type ConvStemParams, convStem } from "./conv-stem.ts";
export { patchProjection, patchRows } from "./patch.ts";
export { sinCosPosition } from "./position.ts";
export { b, l, mini, s, sizes, ti, type VitSize } from "./sizes.ts";
export { type TimmVit, timmVit } from "./timm.ts";
export { type VitOptions, type VitParams, type VitState, vit } from "./vit.ts";
