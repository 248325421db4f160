/** A share in 0..1 as a percentage. */
export const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;
