import { join } from "node:path";
import { checkpointsFolder, latestCheckpoint, memoryDisk, stepName, type Tree } from "@twinview/checkpoint";
import { unwrap } from "@twinview/config";
import { diskWith, madeRun } from "./made-checkpoint.ts";
import type { Trial } from "./trial.ts";

interface Damage {
  readonly what: string;
  readonly files: readonly string[];
  readonly changes: readonly (readonly [string, Uint8Array])[];
}

function* damages(files: readonly (readonly [string, Uint8Array])[]): Generator<Damage> {
  for (const [name, bytes] of files) {
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      yield { what: `bit ${bit} of ${name} flipped`, files: [name], changes: [[name, flipped]] };
    }
    for (let length = 0; length < bytes.length; length++)
      yield { what: `${name} cut to ${length} bytes`, files: [name], changes: [[name, bytes.subarray(0, length)]] };
    for (const [other, content] of files) {
      if (other === name) continue;
      const changes = [[name, content] as const, [other, bytes] as const];
      yield { what: `${name} and ${other} swapped`, files: [name, other], changes };
    }
  }
}

/** Every file of the newest checkpoint, by path. */
const newestFiles = (tree: Tree, step: number): readonly (readonly [string, Uint8Array])[] => {
  const folder = `${join(checkpointsFolder(madeRun), stepName(step))}/`;
  return [...tree].flatMap(([path, bytes]) => (bytes !== null && path.startsWith(folder) ? [[path, bytes] as const] : []));
};

/** Whether the one before is taken, with a warning that names a damaged file. */
const isNoticed = async (tree: Tree, { files, changes }: Damage): Promise<boolean> => {
  const { disk } = memoryDisk(new Map([...tree, ...changes]));
  const { checkpoint, warnings } = await unwrap(latestCheckpoint(madeRun, disk));
  return checkpoint?.step === 1 && warnings.length === 1 && files.some((name) => warnings[0]?.includes(name));
};

/** Every bit of a checkpoint flipped, every file cut to every length, every two files swapped: the file is named, and the one before is taken. */
export const damaged = ({ bytes }: { readonly bytes: number }): Trial => ({
  name: "damaged",
  promise: "every flipped bit and every cut file of a checkpoint is noticed and named, and the checkpoint before it is taken",
  run: async () => {
    const tree = await diskWith(bytes >> 2, 1, 2);
    const files = newestFiles(tree, 2);
    const missed: string[] = [];
    let tried = 0;
    for (const damage of damages(files)) {
      tried++;
      if (!(await isNoticed(tree, damage))) missed.push(damage.what);
    }
    const size = files.reduce((sum, [, content]) => sum + content.length, 0);
    const found = `${tried} ways to damage ${files.length} files of ${size} bytes in all`;
    return { tried, held: tried - missed.length, found: [found, ...missed.slice(0, 3)].join("; missed: ") };
  },
});
