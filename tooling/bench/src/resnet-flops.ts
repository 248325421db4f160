/**
 * Floating-point operations of one image of a side through ResNet-18 with the small stem, 2 for each weight of a kernel at each
 * place, and of its first convolution alone.
 */
export const resnetFlops = (side: number, width = 64): { readonly forward: number; readonly first: number } => {
  const convolution = (from: number, to: number, kernel: number, at: number): number => 2 * from * to * kernel ** 2 * at ** 2;
  const first = convolution(3, width, 3, side);
  let forward = first;
  let channels = width;
  for (let stage = 0; stage < 4; stage++) {
    const out = width * 2 ** stage;
    const at = side / 2 ** stage;
    forward += convolution(channels, out, 3, at) + 3 * convolution(out, out, 3, at);
    if (channels !== out) forward += convolution(channels, out, 1, at);
    channels = out;
  }
  return { forward, first };
};
