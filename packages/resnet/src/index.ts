export { type BlockOptions, type BlockParams, type BlockState, block } from "./block.ts";
export { torchvisionName } from "./names.ts";
export { type ResNetOptions, type ResNetParams, type ResNetState, resnet } from "./resnet.ts";
export { type ResNetSize, sizes } from "./sizes.ts";
