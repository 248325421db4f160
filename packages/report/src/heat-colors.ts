import type { Rgb } from "./palette-png.ts";

/**
 * Nine points of the viridis scale, dark to bright: equal steps look equal, also without red-green vision and in gray.
 * @see van der Walt and Smith, https://bids.github.io/colormap/ (CC0).
 */
const anchors: readonly Rgb[] = [
  [68, 1, 84],
  [71, 44, 122],
  [59, 81, 139],
  [44, 113, 142],
  [33, 144, 141],
  [39, 173, 129],
  [92, 200, 99],
  [170, 220, 50],
  [253, 231, 37],
];

/** The colour at a place of the scale, 0 (dark) to 1 (bright), straight between the points. */
export const heatColor = (place: number): Rgb => {
  const at = Math.min(1, Math.max(0, place)) * (anchors.length - 1);
  const i = Math.min(anchors.length - 2, Math.floor(at));
  const [low, high] = [anchors[i] as Rgb, anchors[i + 1] as Rgb];
  const mix = (channel: 0 | 1 | 2): number => Math.round(low[channel] + (at - i) * (high[channel] - low[channel]));
  return [mix(0), mix(1), mix(2)];
};

/** How many steps of the scale a picture tells apart. */
export const heatLevels = 255;

/** The palette of heat pictures: colour 0 stands for what was not recorded, 1 to 255 are the scale. */
export const heatPalette: readonly Rgb[] = [[0, 0, 0], ...Array.from({ length: heatLevels }, (_, i) => heatColor(i / (heatLevels - 1)))];
