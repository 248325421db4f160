import { byolApp } from "@twinview/byol";
import { mocoV3App } from "@twinview/moco-v3";
import { simclrApp } from "@twinview/simclr";
import { supervisedApp } from "@twinview/supervised";
import { swavApp } from "@twinview/swav";

/** The methods of the command, by name, and training with labels as their baseline. A new one is a line here. */
export const apps = {
  "moco-v3": mocoV3App,
  simclr: simclrApp,
  byol: byolApp,
  swav: swavApp,
  supervised: supervisedApp,
} as const;
