import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { expectedOf, goOn, half, steps, versions } from "./old-runs.ts";

const scratch = mkdtempSync(join(tmpdir(), "twinview-old-runs-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

it.each(versions())("a run that version %s began goes on with the losses that version gave", async (version) => {
  const { losses } = await goOn(version, join(scratch, version));
  const wanted = expectedOf(version).losses;
  expect([losses.length, wanted.length]).toEqual([steps - half, steps - half]);
  // other processors round otherwise; a state that was read wrongly is further off by far
  losses.forEach((loss, i) => {
    expect(Math.abs(loss / (wanted[i] as number) - 1), `step ${half + i}`).toBeLessThan(1e-3);
  });
});
