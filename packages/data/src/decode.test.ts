import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { openDecoder } from "./decode.ts";
import { picture, tempFolder, write } from "./made-images.test.fixture.ts";

describe("openDecoder", () => {
  it("reads every format it names, whatever the file is called, and no other", async () => {
    const dir = tempFolder();
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';
    await write(dir, {
      "jpeg.png": picture(16, 12, 1).jpeg().toBuffer(),
      "png.jpg": picture(16, 12, 1).png().toBuffer(),
      "webp.jpg": picture(16, 12, 1).webp().toBuffer(),
      "avif.jpg": picture(16, 12, 1).avif().toBuffer(),
      "gif.jpg": picture(16, 12, 1).gif().toBuffer(),
      "tiff.jpg": picture(16, 12, 1).tiff().toBuffer(),
      "svg.jpg": Buffer.from(svg),
      "short.jpg": Buffer.from([0xff]),
    });
    const { decode, sizeOf } = openDecoder(dir);
    for (const name of ["jpeg.png", "png.jpg", "webp.jpg", "avif.jpg", "gif.jpg"]) {
      expect(await decode(name), name).toMatchObject({ width: 16, height: 12 });
      expect(await sizeOf(name), name).toEqual({ width: 16, height: 12 });
    }
    for (const name of ["tiff.jpg", "svg.jpg", "short.jpg"])
      for (const read of [decode, sizeOf]) await expect(read(name), name).rejects.toThrow("not a JPEG, PNG, WebP, AVIF or GIF file");
    // behind the check of the first bytes, libvips itself has them shut
    await expect(sharp(Buffer.from(svg)).raw().toBuffer()).rejects.toThrow();
    await expect(sharp(await picture(16, 12, 1).tiff().toBuffer()).toBuffer()).rejects.toThrow();
  });

  it("refuses no sound image while other decoders of the process are opened", async () => {
    const dir = tempFolder();
    await write(dir, { "a.jpg": picture(64, 48, 1).jpeg().toBuffer() });
    const { decode } = openDecoder(dir);
    let going = true;
    const decodeOn = async (): Promise<number> => {
      let count = 0;
      for (; going; count++) await decode("a.jpg");
      return count;
    };
    const counts = Promise.all([decodeOn(), decodeOn(), decodeOn()]);
    for (let i = 0; i < 2000; i++) {
      openDecoder(dir);
      await new Promise((resolve) => setImmediate(resolve));
    }
    going = false;
    for (const count of await counts) expect(count).toBeGreaterThan(10);
  });
});
