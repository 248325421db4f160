export { type AsymmetricPairOptions, asymmetricPair } from "./asymmetric-pair.ts";
export {
  adjustBrightness,
  adjustContrast,
  adjustSaturation,
  type ColorChange,
  type ColorJitterOptions,
  type ColorJitterParams,
  colorJitter,
} from "./color-jitter.ts";
export { cropAndFlip } from "./crop-and-flip.ts";
export { type DistortedViewsOptions, distortedViews } from "./distorted-views.ts";
export { blurImage, type GaussianBlurOptions, gaussianBlur } from "./gaussian-blur.ts";
export { grayscale, toGrayscale } from "./grayscale.ts";
export { flipHorizontally, horizontalFlip } from "./horizontal-flip.ts";
export { adjustHue } from "./hue.ts";
export type { Box, Image, Size } from "./image.ts";
export { cutmix, cutmixBox, type ImageBatch, mixup, type PixelBox, randomErasing, sampleBeta } from "./mix-images.ts";
export { type CropsOptions, type MultiCropOptions, multiCrop } from "./multi-crop.ts";
export { imagenetMean, imagenetStd, normalize } from "./normalize.ts";
export { type RandomResizedCropOptions, randomResizedCrop, resizedCrop } from "./random-resized-crop.ts";
export { type ResizeCenterCropOptions, resizeCenterCrop } from "./resize-center-crop.ts";
export { type SolarizeOptions, solarize, solarizeImage } from "./solarize.ts";
export type { Transform } from "./transform.ts";
export { type View, type ViewOptions, type ViewParams, view } from "./view.ts";
