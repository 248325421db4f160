// A folder of hostile images, and of files that are none, for tests.
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { hostileImages } from "./hostile-images.test.kit.ts";
import { picture } from "./made-images.test.fixture.ts";

/** What {@link hostileFolder} left in a folder. */
export interface HostileFolder {
  /** Names with the fate that each is to have. */
  readonly fates: ReadonlyMap<string, "sound" | "refused" | "either">;
  /** Why files that are no images at all are refused, by name; the others are passed over. */
  readonly odd: Readonly<Record<string, string>>;
  readonly close: () => void;
}

const bytesOf = (name: string): Buffer => Buffer.from(name, "latin1");

/**
 * Fills a folder with {@link hostileImages}, sound pictures under hostile names, and things that are named like images: folders, a pipe, a
 * socket, links that lead in a circle, nowhere, out to `outside`, and to devices.
 */
export const hostileFolder = async (dir: string, outside: string): Promise<HostileFolder> => {
  const fates = new Map<string, "sound" | "refused" | "either">();
  for (const { name, bytes, fate } of await hostileImages()) {
    writeFileSync(join(dir, name), bytes);
    fates.set(name, fate);
  }
  const sound = await picture(20, 16, 1).png().toBuffer();
  const names = ["a\nb.png", "\u001b]0;x\u0007\u001b[2J.png", `"'<b>.png`, "\u202egnp.png", "e\u0301.png", "%2e%2e.png", "C:\\x.png"];
  for (const name of [...names, "-rf.png", "$(id).png", `${"n".repeat(251)}.png`]) {
    writeFileSync(join(dir, name), sound);
    fates.set(name, "sound");
  }
  writeFileSync(Buffer.concat([bytesOf(`${dir}/`), bytesOf("caf\u00e9.png")]), sound); // Latin-1, not UTF-8
  writeFileSync(join(outside, "secret.png"), sound);
  mkdirSync(join(dir, "folder.png"));
  execFileSync("mkfifo", [join(dir, "pipe.png")]);
  const server = createServer().listen(join(dir, "socket.png"));
  await new Promise((resolve) => server.once("listening", resolve));
  const links = { "circle.png": "circle.png", "round.png": "there.png", "there.png": "round.png", "nowhere.png": "none.png" };
  const out = {
    "out.png": join(outside, "secret.png"),
    "up.png": "../../../../../../etc/passwd",
    "device.png": "/dev/zero",
    folder: outside,
  };
  for (const [name, target] of Object.entries({ ...links, ...out, "to-pipe.png": "pipe.png" })) symlinkSync(target, join(dir, name));
  const odd = {
    "folder.png": "not a regular file",
    "pipe.png": "not a regular file",
    "to-pipe.png": "not a regular file",
    "socket.png": "not a regular file",
    "circle.png": "a link that leads in a circle",
    "round.png": "a link that leads in a circle",
    "nowhere.png": "file not found",
    "out.png": "leads outside the data folder",
    "up.png": "leads outside the data folder",
    "device.png": "leads outside the data folder",
    "folder/secret.png": "leads outside the data folder",
    "caf\ufffd.png": "file not found",
  };
  return { fates, odd, close: () => server.close() };
};
