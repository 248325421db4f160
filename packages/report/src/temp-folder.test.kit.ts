import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A folder that disappears with the test. */
export const tempFolder = (): string => {
  const dir = mkdtempSync(join(tmpdir(), "twinview-report-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
};
