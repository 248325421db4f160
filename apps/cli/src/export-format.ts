import { extname } from "node:path";
import { type ExportedEncoder, encoderOnnx, encoderTensors } from "@twinview/assess";
import { failure, userError } from "@twinview/config";

const formats: Readonly<Record<string, (encoder: ExportedEncoder, file: string) => readonly Uint8Array[]>> = {
  ".safetensors": encoderTensors,
  ".onnx": (encoder) => [encoderOnnx(encoder)],
};

/** How an encoder is written to a file, by the ending of its name. Throws a user error for endings that say no format. */
export const formatOf = (file: string) => {
  const extension = extname(file).toLowerCase();
  const format = Object.hasOwn(formats, extension) ? formats[extension] : undefined;
  if (format !== undefined) return format;
  throw failure(
    userError("flags", "--to: the ending of the file says no format", {
      where: file,
      expected: `a name ending in ${Object.keys(formats).join(" or ")}`,
    }),
  );
};
