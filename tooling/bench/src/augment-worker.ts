// Program: MoCo v3's first view, one after the other on one core. Arguments: side of the source, side of the view, probability of blur.
import { asymmetricPair, view } from "@twinview/augment";
import { fold, rngOf } from "@twinview/core";
import { picture } from "./pictures.ts";
import { serve } from "./serve.ts";

const sourceCount = 16;
const [from, to, blur] = process.argv.slice(2).map(Number) as [number, number, number];
const sources = Array.from({ length: sourceCount }, (_, i) => picture(i, from));
const first = view(asymmetricPair({ size: to, blur })[0]);
const out = new Uint8Array(to * to * 3);
const rng = rngOf(0);
let done = 0;

await serve({
  name: "@twinview/augment",
  perCore: true,
  run: async (count) => {
    for (let i = 0; i < count; i++, done++) first.render(sources[done % sourceCount] as (typeof sources)[number], fold(rng, done), out);
  },
});
