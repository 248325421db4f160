/** A colour of a chart: 0 is quiet gray, 1 to 6 differ for all kinds of colour vision, in light and in dark. */
export type Tone = 0 | 1 | 2 | 3 | 4 | 5 | 6;
