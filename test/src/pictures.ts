import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toPngDataUri } from "@twinview/data";
import { goldenView } from "./golden-pictures.ts";

/** Writes PNG files of 32 x 32 pixels, half into the folder `coarse` and half into `fine`: two classes that look different. */
export const writePictures = async (folder: string, count: number): Promise<void> => {
  const side = 32;
  const size = side * side * 3;
  const bytes = goldenView(0, 0, { batch: count, size: side });
  for (const name of ["coarse", "fine"]) mkdirSync(join(folder, name), { recursive: true });
  for (let i = 0; i < count; i++) {
    const fine = i % 2 === 1;
    const data = bytes.slice(i * size, (i + 1) * size).map((byte) => (fine ? byte % 64 : byte & 0xc0));
    const uri = await toPngDataUri({ width: side, height: side, data });
    const png = Buffer.from(uri.slice(uri.indexOf(",") + 1), "base64");
    writeFileSync(join(folder, fine ? "fine" : "coarse", `${i}.png`), png);
  }
};
