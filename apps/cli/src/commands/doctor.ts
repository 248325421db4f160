import { access, constants, mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, freemem, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { userErrorOf } from "@twinview/config";
import { datasetNames, detect, imageFolder, toPngDataUri } from "@twinview/data";
import { type Device, loadTensorflow, onnxEngine, onnxProviders, tensorflowEngine } from "@twinview/engine";
import { measureGflops, memory } from "@twinview/train";
import * as E from "fp-ts/lib/Either.js";
import type { EngineFlags } from "../engines.ts";
import type { Terminal } from "../output.ts";

/** One thing that was looked at. Only a failed check makes the command fail; a missing option is just told. */
interface Check {
  readonly name: string;
  readonly status: "ok" | "missing" | "failed";
  readonly found: string;
  readonly fix?: string;
}

const check = async (name: string, look: () => Promise<string>, fix: string): Promise<Check> => {
  try {
    return { name, status: "ok", found: await look() };
  } catch (error) {
    const known = userErrorOf(error);
    const found =
      known === undefined
        ? String(error instanceof Error ? error.message : error)
        : [known.what, known.where, known.got].filter(Boolean).join(": ");
    return { name, status: "failed", found, fix: known?.fix ?? fix };
  }
};

const node = async (): Promise<string> => {
  const [major, minor] = process.versions.node.split(".").map(Number) as [number, number];
  if (major < 20 || (major === 20 && minor < 19)) throw new Error(`Node ${process.version} is too old`);
  return process.version;
};

const onnx = async (): Promise<string> => {
  const gflops = await measureGflops(onnxEngine());
  return `onnxruntime multiplies matrices at ${gflops.toFixed(0)} GFLOPS on ${availableParallelism()} threads`;
};

/** The devices that this onnxruntime lists; whether one is there shows only when it is opened. */
const listedDevices = async (): Promise<string> => {
  const known = await onnxProviders();
  const names = (bundled: boolean): string => known.flatMap((each) => (each.bundled === bundled ? each.name : [])).join(", ");
  return `in the package ${names(true)}; with a library of its own ${names(false) || "none"}; doctor --device opens one`;
};

const opened = (device: Device) => async (): Promise<string> =>
  `onnxruntime multiplies matrices at ${(await measureGflops(onnxEngine({ device }))).toFixed(0)} GFLOPS there`;

const tensorflow = async (): Promise<string> => {
  const gflops = await measureGflops(tensorflowEngine(), availableParallelism());
  const { name, version, libtensorflow, gpu } = loadTensorflow();
  const where = gpu ? "a GPU" : "the processor, no GPU registered";
  return `${name} ${version} on libtensorflow ${libtensorflow} multiplies matrices at ${gflops.toFixed(0)} GFLOPS on ${where}`;
};

/** Encodes a picture and reads it back through the data package, in a folder of its own. */
const images = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "twinview-doctor-"));
  try {
    for (const shade of [40, 200]) {
      const uri = await toPngDataUri({ width: 8, height: 8, data: new Uint8Array(8 * 8 * 3).fill(shade) });
      await writeFile(join(folder, `${shade}.png`), Buffer.from(uri.slice(uri.indexOf(",") + 1), "base64"));
    }
    const source = await imageFolder(folder)();
    if (E.isLeft(source)) throw new Error(source.left.what);
    return "PNG, JPEG, WebP and AVIF are decoded by sharp";
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const dataset = async (name: string): Promise<Check> => {
  const found = await detect(name)();
  return E.isRight(found)
    ? { name: `data set ${name}`, status: "ok", found: found.right.description }
    : {
        name: `data set ${name}`,
        status: "missing",
        found: found.left.what,
        ...(found.left.fix === undefined ? {} : { fix: found.left.fix }),
      };
};

const writable = async (): Promise<string> => {
  await access(process.cwd(), constants.W_OK);
  return `runs can be written to ${process.cwd()}`;
};

/** `twinview doctor`: whether this machine has what training needs. */
export const doctorCommand = async (
  terminal: Terminal,
  { json, engine: chosen, device }: EngineFlags & { readonly json: boolean },
): Promise<number> => {
  const checks = [
    await check("node", node, "install Node 20.19 or newer"),
    await check("engine onnx", onnx, "run npm ci again; onnxruntime-node ships its CPU library inside the package, no download is needed"),
    ...(chosen === "tensorflow" ? [await check("engine tensorflow", tensorflow, "install the package again")] : []),
    await check("devices", listedDevices, "run npm ci again"),
    ...(device === undefined ? [] : [await check(`device ${device}`, opened(device), "leave --device out")]),
    await check("images", images, "run npm ci again; sharp ships its library as an optional package that --no-optional leaves out"),
    await check("folder", writable, "change to a folder you may write to"),
    { name: "memory", status: "ok", found: `${memory(freemem())} of ${memory(totalmem())} free` } as const,
    ...(await Promise.all(datasetNames.map(dataset))),
  ];
  if (json) terminal.out(`${JSON.stringify({ checks })}\n`);
  else {
    for (const { name, status, found, ...rest } of checks) {
      terminal.out(`${status.padEnd(8)}${name.padEnd(24)}${found}\n`);
      if ("fix" in rest && rest.fix !== undefined) terminal.out(`${"".padEnd(32)}${rest.fix}\n`);
    }
  }
  return checks.some((each) => each.status === "failed") ? 2 : 0;
};
