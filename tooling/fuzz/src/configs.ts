// node tooling/fuzz/dist/configs.js [COUNT] [SEED]: reads COUNT mutated configurations; see config-campaign.test.kit.ts.
import { tell } from "@twinview/testkit";
import { configCampaign } from "./config-campaign.test.kit.ts";

const [count = 100_000, seed = 1] = process.argv.slice(2).map(Number);
const started = performance.now();
const figures = configCampaign(count, seed);
tell("configs", { ...figures, seed, seconds: Math.round((performance.now() - started) / 1000) });
