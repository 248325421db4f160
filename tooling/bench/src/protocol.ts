import { type Codec, choice, closed, decode, finite, natural, parseJson, positive, positiveInt, text } from "@twinview/config";
import * as E from "fp-ts/lib/Either.js";

/** The first line of a program: what it is, with its version, and the seconds it took until it could begin, where that is work. */
export const hello: Codec<{ readonly name: string; readonly openSeconds?: number }> = closed(
  "hello",
  { name: text },
  { openSeconds: positive },
);

/** A line to a program. */
export const command: Codec<{ readonly cmd: "run" | "close"; readonly steps?: number }> = closed(
  "command",
  { cmd: choice(["run", "close"]) },
  { steps: positiveInt },
);

/** A program's line after a run; `loss` only from training steps. */
export const answer: Codec<{ readonly seconds: number; readonly peakRssBytes: number; readonly loss?: number }> = closed(
  "answer",
  { seconds: positive, peakRssBytes: natural },
  { loss: finite },
);

/**
 * Reads a line of the protocol.
 * @throws Error naming who sent it and what is wrong with it.
 */
export const readLine = <A>(sender: string, codec: Codec<A>, line: string): A => {
  const parsed = parseJson(line);
  if (E.isLeft(parsed)) throw new Error(`${sender}: sent a line that is not JSON: ${line.slice(0, 200)}`);
  const value = decode(codec, parsed.right, sender);
  if (E.isLeft(value)) throw new Error(`${sender}: ${value.left.what}`);
  return value.right;
};
