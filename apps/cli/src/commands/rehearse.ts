import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App } from "@twinview/train";
import type { Terminal } from "../output.ts";
import { type ExperimentFlags, prepare } from "../setup.ts";
import { type RunFlags, runPrepared } from "./train.ts";

const small = ["knn.bank=200", "knn.queries=50", "knn.finalBank=200", "knn.finalQueries=50"] as const;

/** `twinview rehearse`: two steps of the real thing with checkpoint, kNN and report; in a folder that is removed unless `--out` names one. */
export const rehearseCommand = async (terminal: Terminal, app: App, flags: ExperimentFlags & RunFlags): Promise<number> => {
  const started = performance.now();
  const prepared = await prepare(app, flags, { ...flags, overrides: small });
  const runDir = flags.out ?? (await mkdtemp(join(tmpdir(), "twinview-rehearse-")));
  try {
    for (const text of prepared.reasons) terminal.out(flags.json ? `${JSON.stringify({ kind: "note", text })}\n` : `${text}\n`);
    const code = await runPrepared(terminal, prepared, { runDir, flags, onlySteps: 2 });
    const seconds = (performance.now() - started) / 1000;
    if (code === 0)
      terminal.out(
        flags.json
          ? `${JSON.stringify({ kind: "rehearsed", seconds })}\n`
          : `rehearsed in ${seconds.toFixed(1)}s: training, checkpoint, kNN and report all work\n`,
      );
    return code;
  } finally {
    if (flags.out === undefined) await rm(runDir, { recursive: true, force: true });
  }
};
