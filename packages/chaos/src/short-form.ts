import { computeKilled } from "./compute-killed.ts";
import { damaged } from "./damaged.ts";
import { fullDisk } from "./full-disk.ts";
import { hostileImages } from "./hostile-images.ts";
import { killed } from "./killed.ts";
import { loaderDeaths } from "./loader-deaths.ts";
import { logs } from "./logs.ts";
import { outOfMemory } from "./out-of-memory.ts";
import { powerCut } from "./power-cut.ts";
import { quota } from "./quota.ts";
import { readOnly } from "./read-only.ts";
import { rivals } from "./rivals.ts";
import { stopped } from "./stopped.ts";
import type { Trial } from "./trial.ts";

/** Every fault a few times, for a minute or two on a user's machine; `tooling/campaign` makes them in earnest. */
export const shortForm: readonly Trial[] = [
  killed({ times: 6, writing: 2 }),
  stopped({ times: 3 }),
  computeKilled({ times: 1 }),
  damaged({ bytes: 400 }),
  powerCut({ bytes: 20_000 }),
  quota,
  fullDisk,
  readOnly,
  rivals({ times: 4 }),
  outOfMemory,
  logs,
  hostileImages,
  loaderDeaths({ times: 10 }),
];
