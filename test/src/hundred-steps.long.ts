import { expect, it } from "vitest";
import { fourMethods } from "./four-methods.ts";
import { fingerprint, lossesOf, recorded } from "./hundred-steps.ts";

/** Steps over which another machine must agree, and how closely. */
const elsewhere = { steps: 20, relative: 1e-5 };

const here = JSON.stringify(fingerprint());
const same = recorded().find((each) => JSON.stringify(each.fingerprint) === here);

it.each(fourMethods)("$method: the losses are those that were recorded, to the bit on a machine of the same fingerprint", async (app) => {
  const losses = await lossesOf(app);
  expect(losses).toHaveLength(100);
  expect(new Set(losses).size).toBeGreaterThan(90);
  if (same !== undefined) return expect(losses).toEqual(same.losses[app.method]);
  for (const { losses: there } of recorded()) {
    const wanted = there[app.method] ?? [];
    const off = losses.slice(0, elsewhere.steps).map((loss, step) => Math.abs(loss / (wanted[step] ?? Number.NaN) - 1));
    expect(Math.max(...off)).toBeLessThan(elsewhere.relative);
  }
});
