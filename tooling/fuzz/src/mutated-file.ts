import { fold, rngOf, uniforms } from "@twinview/core";

type Draw = () => number;

/** Tokens that stand in headers, or that a careless reader takes for one of them. */
const numbers = [
  "0",
  "1",
  "2",
  "3",
  "4",
  "7",
  "8",
  "12",
  "16",
  "-0",
  "-1",
  "00",
  "04",
  "4.0",
  "4.5",
  "4e0",
  "0.4e1",
  "1E1",
  "0x4",
  "+4",
  "4.",
  ".4",
];
const large = ["9007199254740991", "9007199254740992", "18446744073709551615", "18446744073709551616", "1099511627776", "1e400"];
const dtypes = ["F32", "I32", "U8", "F16", "BF16", "F64", "I64"];
const foreign = ["BOOL", "I8", "U16", "U32", "F8_E4M3", "f32", "F32 ", ""];
const names = [
  "a",
  "b",
  "a/b",
  "__proto__",
  "constructor",
  "__metadata__",
  "é",
  "\\u0061",
  "\\ud800",
  "\\u0000",
  "\\x",
  "\t",
  "\u007f",
  "",
];
const fields = ["dtype", "shape", "data_offsets", "d\\u0074ype", "Dtype", "extra"];
const words = ["null", "true", "[]", "{}", '""', "[[]]", '{"F32":null}', '["F32",[1],[0,4]]', '{"x":"y"}', '{"x":1}', "NaN", "undefined"];
const marks = ["{", "}", "[", "]", ",", ":", '"', " ", "\n", "\t", "\u00a0", "\u0000", "\ufeff", "/**/", "'"];

const pick = <A>(draw: Draw, list: readonly A[]): A => list[Math.floor(draw() * list.length)] as A;

const bytesOf: Readonly<Record<string, number>> = { F32: 4, I32: 4, U8: 1, F16: 2, BF16: 2, F64: 8, I64: 8 };

/** A sound header as its tokens, and the bytes of data it describes. */
const soundHeader = (draw: Draw): { readonly tokens: string[]; readonly size: number } => {
  const tokens: string[] = ["{"];
  let end = 0;
  if (draw() < 0.3) tokens.push('"__metadata__"', ":", "{", '"k"', ":", '"v"', "}", ",");
  const count = 1 + Math.floor(3 * draw());
  for (let i = 0; i < count; i++) {
    const dtype = pick(draw, dtypes);
    const shape = Array.from({ length: Math.floor(4 * draw()) }, () => Math.floor(4 * draw()));
    const start = end;
    end += shape.reduce((product, length) => product * length, 1) * (bytesOf[dtype] as number);
    tokens.push(`"t${i}"`, ":", "{", '"dtype"', ":", `"${dtype}"`, ",", '"shape"', ":", "[");
    for (const [axis, length] of shape.entries()) tokens.push(...(axis === 0 ? [] : [","]), String(length));
    tokens.push("]", ",", '"data_offsets"', ":", "[", String(start), ",", String(end), "]", "}", ...(i + 1 < count ? [","] : []));
  }
  tokens.push("}");
  return { tokens, size: end };
};

/** A token in the place of another of its sort, or now and then of any sort. */
const another = (draw: Draw, token: string): string => {
  if (draw() < 0.15) return pick(draw, [...words, ...marks, ...numbers, ...large]);
  if (/^\d/.test(token)) return pick(draw, draw() < 0.8 ? numbers : large);
  if (/^"(dtype|shape|data_offsets)"$/.test(token)) return `"${pick(draw, fields)}"`;
  if (dtypes.includes(token.slice(1, -1))) return `"${pick(draw, draw() < 0.7 ? dtypes : foreign)}"`;
  if (token.startsWith('"')) return `"${pick(draw, names)}"`;
  return pick(draw, marks);
};

const mutateTokens = (draw: Draw, tokens: string[]): void => {
  const at = Math.floor(draw() * tokens.length);
  const length = 1 + Math.floor(draw() * 4);
  const kind = draw();
  if (kind < 0.5) tokens[at] = another(draw, tokens[at] as string);
  else if (kind < 0.6) tokens.splice(at, 0, pick(draw, [" ", "\n", "\r", "\t", "  "]));
  else if (kind < 0.68) tokens.splice(at, 1);
  else if (kind < 0.76) tokens.splice(at, 0, another(draw, tokens[at] as string));
  else if (kind < 0.84) tokens.splice(at, 0, ...tokens.slice(at, at + length));
  else if (kind < 0.92) tokens.push(...(draw() < 0.5 ? [" ", " "] : [pick(draw, marks)]));
  else {
    // a field that the format does not know, or a whole entry once more
    const field = `"${pick(draw, ["extra", "x", "__proto__", "dtype"])}"`;
    const open = tokens.indexOf("{", at);
    if (open >= 0 && tokens[open + 1] !== "}") tokens.splice(open + 1, 0, field, ":", pick(draw, [...words, ...numbers, '"z"']), ",");
  }
};

const mutateBytes = (draw: Draw, text: Buffer): Buffer => {
  const at = Math.floor(draw() * text.length);
  const kind = draw();
  if (kind < 0.5) {
    const copy = Buffer.from(text);
    copy[at] = (copy[at] as number) ^ (1 << Math.floor(draw() * 8));
    return copy;
  }
  const rest = text.subarray(kind < 0.75 ? at + 1 : at);
  return Buffer.concat([text.subarray(0, at), ...(kind < 0.75 ? [] : [Buffer.from([Math.floor(draw() * 256)])]), rest]);
};

const oddLengths = [0n, 1n, 7n, 100_000_000n, 100_000_001n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];

/**
 * The n-th safetensors file with a mutated header: a sound one, changed by up to three tokens or bytes, its length told honestly or not,
 * with as many bytes of data as it described, or a few more or fewer. The same for the same n, on every machine.
 */
export const mutatedFile = (n: number): Buffer => {
  const draw = uniforms(fold(rngOf(20), n));
  const { tokens, size } = soundHeader(draw);
  const changes = Math.floor(draw() * 4);
  for (let i = 0; i < changes; i++) if (tokens.length > 0) mutateTokens(draw, tokens);
  let text: Buffer = Buffer.from(tokens.join(""));
  if (draw() < 0.15 && text.length > 0) text = mutateBytes(draw, text);
  const length = Buffer.alloc(8);
  const honest = BigInt(text.length);
  length.writeBigUInt64LE(draw() < 0.93 ? honest : draw() < 0.5 ? pick(draw, oddLengths) : honest + BigInt(Math.floor(5 * draw())), 0);
  const spare = draw() < 0.93 ? 0 : Math.floor(draw() * 7) - 3;
  const whole = Buffer.concat([length, text, Buffer.alloc(Math.max(0, size + spare))]);
  return draw() < 0.97 ? whole : whole.subarray(0, Math.floor(draw() * whole.length));
};
