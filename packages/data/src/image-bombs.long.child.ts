// Decodes bombs in a process of its own, so that its peak memory is theirs: node image-bombs.long.child.js FOLDER SOUND,..  BOMB,..
import { openDecoder } from "./decode.ts";

const [folder = "", sound = "", bombs = ""] = process.argv.slice(2);
const { decode, sizeOf } = openDecoder(folder);
const peak = (): number => process.resourceUsage().maxRSS * 1024;

for (let time = 0; time < 3; time++) for (const name of sound.split(",")) await decode(name, 64);
const before = peak();
for (const name of bombs.split(",")) {
  const began = performance.now();
  const said: string[] = [];
  for (const read of [sizeOf, decode])
    said.push(
      await read(name, 64).then(
        ({ width, height }) => `${width}x${height}`,
        ({ message }: Error) => message,
      ),
    );
  process.stdout.write(`${JSON.stringify({ name, said, ms: performance.now() - began, extraBytes: peak() - before })}\n`);
}
