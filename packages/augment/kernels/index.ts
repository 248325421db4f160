// The pixel loops of @twinview/augment in AssemblyScript, compiled to WebAssembly with SIMD by build.mjs. Addresses are bytes in the
// module's memory, which the caller lays out; loops read and write up to 16 bytes past the end of a region, and before its start.
export { blurColumns, blurRows } from "./blur";
export { blend, gray, lumaSum, saturate, solarize, turnHue } from "./color";
export { pack, unpack } from "./pack";
export { across, axis, down, tapsOf } from "./resample";
