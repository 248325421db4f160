// node tooling/fuzz/dist/safetensors.js [COUNT] [--write-golden]: our reader beside the reference on COUNT mutated files.
import { writeFileSync } from "node:fs";
import { tell } from "@twinview/testkit";
import { mutatedFile } from "./mutated-file.ts";
import { openPeer } from "./peer.ts";
import { compared, ourVerdict } from "./verdicts.ts";

const atOnce = 5000;

const run = async (count: number, python: string, golden: string | undefined): Promise<boolean> => {
  const peer = await openPeer(python);
  const found = new Map<string, number>();
  const bits = Buffer.alloc(Math.ceil(count / 8));
  let accepted = 0;
  const started = performance.now();
  for (let from = 0; from < count; from += atOnce) {
    const files = Array.from({ length: Math.min(atOnce, count - from) }, (_, i) => mutatedFile(from + i));
    const theirs = await peer.accepts(files);
    for (const [i, file] of files.entries()) {
      const [n, theirVerdict] = [from + i, theirs[i] as boolean];
      if (theirVerdict) bits[n >> 3] = (bits[n >> 3] as number) | (1 << (n & 7));
      accepted += Number(theirVerdict);
      const ours = ourVerdict(file);
      const how = compared(ours, theirVerdict);
      found.set(how, (found.get(how) ?? 0) + 1);
      if (how.startsWith("WRONG") && (found.get(how) as number) <= 20)
        process.stderr.write(`${n} ${how}: ${JSON.stringify(file.toString("latin1"))} (${ours ?? "read"})\n`);
    }
  }
  peer.close();
  const seconds = Math.round((performance.now() - started) / 1000);
  tell("safetensors", { reference: peer.version, files: count, accepted, ...Object.fromEntries(found), seconds });
  if (golden !== undefined)
    writeFileSync(
      golden,
      `${JSON.stringify({ reference: `safetensors ${peer.version}`, files: count, accepted: bits.toString("base64") })}\n`,
    );
  return ![...found.keys()].some((how) => how.startsWith("WRONG"));
};

const { TWINVIEW_PEER_PYTHON: python = "python3" } = process.env;
const count = Number(process.argv[2] ?? 1_000_000);
const golden = process.argv.includes("--write-golden") ? new URL("../golden/verdicts.json", import.meta.url).pathname : undefined;
process.exitCode = (await run(count, python, golden)) ? 0 : 1;
