/** A place on the x axis, 0..1, as the share of the width that SVG understands. */
export const percentAt = (share: number): string => `${Number((100 * share).toFixed(3))}%`;

/** A length in pixels, to a tenth. */
export const pixels = (value: number): string => String(Math.round(value * 10) / 10);
