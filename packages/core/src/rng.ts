/**
 * A place in the space of random streams: keyed and counter-based, so that a stream depends on its key alone and never on
 * what was drawn before it, on the number of workers or on a resume.
 */
export interface Rng {
  readonly key: readonly [number, number];
}

const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;

/**
 * The Threefry-2x32 block function with 20 rounds: two words of counter to two words of output under a key.
 * @see Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011; known answers from Random123.
 */
export const threefry = (key0: number, key1: number, counter0: number, counter1: number): readonly [number, number] => {
  const ks = [key0, key1, key0 ^ key1 ^ 0x1bd11bda] as const;
  let x0 = (counter0 + key0) | 0;
  let x1 = (counter1 + key1) | 0;
  for (let round = 0; round < 20; round++) {
    const r = rotations[round & 7] as number;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << r) | (x1 >>> (32 - r))) ^ x0;
    if ((round & 3) === 3) {
      const step = (round >> 2) + 1;
      x0 = (x0 + (ks[step % 3] as number)) | 0;
      x1 = (x1 + (ks[(step + 1) % 3] as number) + step) | 0;
    }
  }
  return [x0 >>> 0, x1 >>> 0];
};

/** FNV-1a over UTF-16 units: turns a name into a word of key. */
const hashName = (name: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
};

/** The stream of a seed, a whole number in [0, 2^53). */
export const rngOf = (seed: number): Rng => ({ key: threefry(0x7477696e, 0x76696577, seed >>> 0, Math.floor(seed / 2 ** 32)) });

/** The child stream for a name or a number: `fold(fold(rng, "crop"), 712)`. Children of different data are independent. */
export const fold = (rng: Rng, data: string | number): Rng => {
  const [low, high] = typeof data === "string" ? [hashName(data), 0x6e616d65] : [data >>> 0, Math.floor(data / 2 ** 32) | 0];
  return { key: threefry(rng.key[0], rng.key[1], low, high) };
};

/** One child stream for each name. */
export const split = <const K extends readonly string[]>(rng: Rng, names: K): { readonly [N in K[number]]: Rng } =>
  Object.fromEntries(names.map((name) => [name, fold(rng, name)])) as { readonly [N in K[number]]: Rng };

/** A function that draws uniform numbers in [0, 1), 32 bits each, from the start of the stream. */
export const uniforms = (rng: Rng): (() => number) => {
  let counter = 0;
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value / 2 ** 32;
    }
    const [a, b] = threefry(rng.key[0], rng.key[1], counter++, 0x64726177);
    spare = b;
    return a / 2 ** 32;
  };
};

/** A function that draws standard normal numbers from the start of the stream, by the Box-Muller transform. */
export const normals = (rng: Rng): (() => number) => {
  const uniform = uniforms(rng);
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform())); // 1 - u is in (0, 1]: the logarithm stays finite
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
};

/** A permutation of 0..length-1 by Fisher and Yates. */
export const permutation = (rng: Rng, length: number): Uint32Array => {
  const order = Uint32Array.from({ length }, (_, i) => i);
  const uniform = uniforms(rng);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor(uniform() * (i + 1));
    const kept = order[i] as number;
    order[i] = order[j] as number;
    order[j] = kept;
  }
  return order;
};
