import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The reference implementation in a Python of its own. */
export interface Peer {
  readonly version: string;
  /** Whether it accepts each of some files. */
  readonly accepts: (files: readonly Uint8Array[]) => Promise<readonly boolean[]>;
  readonly close: () => void;
}

const script = fileURLToPath(new URL("../peer/safetensors_peer.py", import.meta.url));

/** Starts the reference in this Python, which has the package `safetensors`. */
export const openPeer = async (python: string): Promise<Peer> => {
  const child = spawn(python, [script], { stdio: ["pipe", "pipe", "inherit"] });
  let held = Buffer.alloc(0);
  let wake = (): void => {};
  child.stdout.on("data", (piece: Buffer) => {
    held = Buffer.concat([held, piece]);
    wake();
  });
  child.once("close", () => wake());
  const until = async (isThere: () => boolean): Promise<void> => {
    while (!isThere()) {
      if (child.exitCode !== null) throw new Error(`${python} ${script} ended with code ${child.exitCode}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  await until(() => held.includes(10));
  const version = held.subarray(0, held.indexOf(10)).toString();
  held = held.subarray(held.indexOf(10) + 1);
  const accepts = async (files: readonly Uint8Array[]): Promise<readonly boolean[]> => {
    const pieces = files.flatMap((file) => {
      const head = Buffer.alloc(4);
      head.writeUInt32LE(file.length, 0);
      return [head, file];
    });
    child.stdin.write(Buffer.concat(pieces));
    await until(() => held.length >= files.length);
    const verdicts = Array.from(held.subarray(0, files.length), (byte) => byte === 0x61);
    held = held.subarray(files.length);
    return verdicts;
  };
  return { version, accepts, close: () => child.stdin.end() };
};
