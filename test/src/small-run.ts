import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unwrap } from "@twinview/config";
import { toShared } from "@twinview/data";
import { onnxEngine } from "@twinview/engine";
import { type App, type PlannedRun, type RunEvent, type RunOutcome, train, type Wishes } from "@twinview/train";
import * as E from "fp-ts/lib/Either.js";

const [count, side] = [64, 16];

/** Sixty-four small pictures in two classes, a different pattern each. */
const pictures = () => {
  const pixels = toShared(Uint8Array.from({ length: count * side * side * 3 }, (_, i) => (128 + 100 * Math.sin(i * (1 + (i % 7)))) & 255));
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2);
  const content = { kind: "resident", pixels, width: side, height: side, channels: 3 } as const;
  return { name: "patterns", length: count, content, labels, classes: ["even", "odd"] };
};

/** A run of a method on 64 small pictures of 16 pixels, with overrides as of `--set`. */
export const planSmall = (app: App, wishes: Partial<Wishes>, overrides: readonly string[]): PlannedRun => {
  const around = { images: count, testImages: count, side, machineGflops: 100 };
  const planned = app.plan({ data: "patterns", ...wishes }, around, [`image=${side}`, ...overrides]);
  if (E.isLeft(planned)) throw new Error(`${planned.left.what} ${planned.left.where ?? ""}`);
  return planned.right.run;
};

/** Trains it from beginning to end: its outcome and all it told. */
export const trainSmall = async (
  run: PlannedRun,
  { threads }: { readonly threads?: number } = {},
): Promise<{ readonly outcome: RunOutcome; readonly events: readonly RunEvent[] }> => {
  const source = pictures();
  const runDir = await mkdtemp(join(tmpdir(), "twinview-small-"));
  try {
    const events: RunEvent[] = [];
    const outcome = await unwrap(
      train({
        run,
        data: { description: "patterns", train: source, test: source },
        runDir,
        engine: onnxEngine(),
        machineGflops: 100,
        threads,
        notes: [],
        onEvent: (event) => events.push(event),
        shouldStop: () => false,
      }),
    );
    return { outcome, events };
  } finally {
    await rm(runDir, { recursive: true, force: true });
  }
};
