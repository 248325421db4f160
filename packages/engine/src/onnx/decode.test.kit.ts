// A reader of protocol buffers, and of as much of onnx.proto as the tests look at.

/** The variable-length number at a place, and the place behind it. */
export const readVarint = (data: Uint8Array, from: number): { readonly value: bigint; readonly next: number } => {
  let value = 0n;
  let next = from;
  for (let shift = 0n; ; shift += 7n) {
    const byte = data[next++] as number;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return { value, next };
  }
};

export type Field = bigint | number | Uint8Array;

/** The fields of a message, in order. @throws Error for a wire type that ONNX files do not use. */
export const fieldsOf = (data: Uint8Array): readonly (readonly [field: number, value: Field])[] => {
  const fields: (readonly [number, Field])[] = [];
  let at = 0;
  while (at < data.length) {
    const tag = readVarint(data, at);
    at = tag.next;
    const [field, type] = [Number(tag.value >> 3n), Number(tag.value & 7n)];
    const { value, next } = readVarint(data, at);
    if (type === 0) {
      fields.push([field, value]);
      at = next;
    } else if (type === 2) {
      at = next + Number(value);
      fields.push([field, data.subarray(next, at)]);
    } else if (type === 5) {
      fields.push([field, new DataView(data.buffer, data.byteOffset + at, 4).getFloat32(0, true)]);
      at += 4;
    } else throw new Error(`fieldsOf: wire type ${type}`);
  }
  return fields;
};

const all = (data: Uint8Array, field: number): readonly Field[] =>
  fieldsOf(data).flatMap(([each, value]) => (each === field ? [value] : []));
const text = (value: Field | undefined): string => (value === undefined ? "" : new TextDecoder().decode(value as Uint8Array));

export interface DecodedNode {
  readonly type: string;
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, number | readonly number[] | string>>;
}

const attributeOf = (data: Uint8Array): readonly [string, number | readonly number[] | string] => {
  const kind = Number(all(data, 20)[0]); // 1 float, 2 int, 3 string, 7 ints
  const value = {
    1: () => all(data, 2)[0] as number,
    2: () => Number(all(data, 3)[0]),
    3: () => text(all(data, 4)[0]),
    7: () => all(data, 8).map(Number),
  }[kind as 1 | 2 | 3 | 7]();
  return [text(all(data, 1)[0]), value];
};

const nodeOf = (data: Uint8Array): DecodedNode => ({
  inputs: all(data, 1).map(text),
  outputs: all(data, 2).map(text),
  name: text(all(data, 3)[0]),
  type: text(all(data, 4)[0]),
  attributes: Object.fromEntries(all(data, 5).map((value) => attributeOf(value as Uint8Array))),
  domain: text(all(data, 7)[0]),
});

/** What a model's bytes say. */
export const decodeModel = (data: Uint8Array) => {
  const graph = all(data, 7)[0] as Uint8Array;
  const names = (field: number, name: number): readonly string[] =>
    all(graph, field).map((value) => text(all(value as Uint8Array, name)[0]));
  return {
    irVersion: Number(all(data, 1)[0]),
    opsets: Object.fromEntries(
      all(data, 8).map((value) => [text(all(value as Uint8Array, 1)[0]), Number(all(value as Uint8Array, 2)[0])]),
    ) as Readonly<Record<string, number>>,
    nodes: all(graph, 1).map((value) => nodeOf(value as Uint8Array)),
    initializers: names(5, 8),
    inputs: names(11, 1),
    outputs: names(12, 1),
  };
};
