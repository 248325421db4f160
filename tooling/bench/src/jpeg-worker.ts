// Program: MoCo v3's two views of JPEG files, by the loader, in this process. Arguments: the folder, side of the view, files in a batch.
import { asymmetricPair } from "@twinview/augment";
import { imageFolder, openLoader } from "@twinview/data";
import * as E from "fp-ts/lib/Either.js";
import { serve } from "./serve.ts";

const [folder, ...numbers] = process.argv.slice(2) as [string, string, string];
const [size, batch] = numbers.map(Number) as [number, number];
const source = await imageFolder(folder, { residentBytes: 0 })(); // decode each time, as a large data set must
if (E.isLeft(source)) throw new Error(source.left.what);
const loader = openLoader({ source: source.right, views: asymmetricPair({ size }), batch, seed: 0, workers: 0 });

await serve({
  name: "@twinview/data",
  perCore: true,
  run: async (count) => {
    for (let i = 0; i < count; i++) await loader.next();
  },
  close: loader.close,
});
