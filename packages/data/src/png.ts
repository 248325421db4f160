import type { Image } from "@twinview/augment";
import sharp from "sharp";

/** An image as `data:image/png;base64,...`, for reports that are one file. */
export const toPngDataUri = async ({ width, height, data }: Image): Promise<string> => {
  const png = await sharp(Buffer.from(data), { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 9 })
    .toBuffer();
  return `data:image/png;base64,${png.toString("base64")}`;
};
