import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

const newline = 0x0a;

/** A line of a file. */
export interface Line {
  readonly text: string;
  /** Where it begins and where the next one does, in bytes. */
  readonly start: number;
  readonly end: number;
  /** False for a last line without a line end: torn by a crash in the middle of a write. */
  readonly whole: boolean;
}

/** The lines of a file, one by one: a file larger than the longest text is no obstacle. What is no plain file (a device) has none. */
export async function* linesOf(path: string): AsyncGenerator<Line> {
  if (!(await stat(path)).isFile()) return;
  let rest: Buffer = Buffer.alloc(0);
  let start = 0;
  for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let from = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, from)) {
      yield { text: bytes.toString("utf8", from, end), start: start + from, end: start + end + 1, whole: true };
      from = end + 1;
    }
    rest = bytes.subarray(from);
    start += from;
  }
  if (rest.length > 0) yield { text: rest.toString("utf8"), start, end: start + rest.length, whole: false };
}
