import { byolApp } from "@twinview/byol";
import { mocoV3App } from "@twinview/moco-v3";
import { simclrApp } from "@twinview/simclr";
import { swavApp } from "@twinview/swav";
import type { App } from "@twinview/train";

/** The published methods. */
export const fourMethods: readonly App[] = [mocoV3App, simclrApp, byolApp, swavApp];
