// Records the losses of a hundred steps of every method on this machine: `node test/dist/record-hundred-steps.js`, after a change
// that is meant to change them.
import { fourMethods } from "./four-methods.ts";
import { lossesOf, record } from "./hundred-steps.ts";

const losses: Record<string, readonly number[]> = {};
for (const app of fourMethods) losses[app.method] = await lossesOf(app);
record(losses);
