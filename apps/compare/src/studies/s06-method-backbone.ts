import { byolApp } from "@twinview/byol";
import { mocoV3App } from "@twinview/moco-v3";
import { simclrApp } from "@twinview/simclr";
import { swavApp } from "@twinview/swav";
import { contrast } from "./claims.ts";
import { accuracyBars, knnCurves } from "./figures.ts";
import { cellImages, frozen, setting } from "./settings.ts";
import { accuracy } from "./statistics.ts";
import type { Setting, Study } from "./study.ts";

const methods = [
  { title: "MoCo v3", app: mocoV3App, set: [], vit: 76.5, resnet: 73.8 },
  { title: "SimCLR", app: simclrApp, set: [], vit: 73.9, resnet: 70.4 },
  { title: "BYOL", app: byolApp, set: [], vit: 73.9, resnet: 74.3 },
  { title: "SwAV", app: swavApp, set: ["crops.small=0"], vit: 71.6, resnet: 71.8 },
] as const;
const onVit = (title: string): string => `${title}, ViT`;
const onResnet = (title: string): string => `${title}, ResNet`;
const advantage = (title: string, weight: number) => ({ [onVit(title)]: weight, [onResnet(title)]: -weight });

const settings: readonly Setting[] = methods.flatMap(({ title, app, set, vit, resnet }) => [
  setting(onVit(title), { app, set: [frozen, ...set], paper: vit }),
  setting(onResnet(title), { app, backbone: "resnet-18", set: ["backbone.width=8", ...set], paper: resnet }),
]);

/** S6: contrast of pairs favours the ViT. */
export const methodBackbone: Study = {
  id: "S6",
  title: "Method and backbone",
  paper: {
    did: "MoCo v3, SimCLR, BYOL and SwAV on ResNet-50 (800 epochs) and on ViT-S/16 and ViT-B/16 (300 epochs, frozen patch projection), two crops of 224 pixels in all.",
    found:
      "MoCo v3 and SimCLR gain from ResNet-50 to ViT-B (73.8 to 76.5, 70.4 to 73.9), BYOL and SwAV do not (74.3 to 73.9, 71.8 to 71.6). ViT-S: 72.5, 69.0, 71.0, 67.1.",
    where: "section 6.1, table 4 and figure 7 (the numbers here: ViT-B)",
  },
  settings,
  seeds: 2,
  images: cellImages,
  statistic: "how much better a method does on ViT than on ResNet, by final kNN accuracy",
  claims: [
    contrast(accuracy, `${accuracy.name}, ViT minus ResNet: the mean of MoCo v3 and SimCLR above the mean of BYOL and SwAV`, {
      ...advantage("MoCo v3", 0.5),
      ...advantage("SimCLR", 0.5),
      ...advantage("BYOL", -0.5),
      ...advantage("SwAV", -0.5),
    }),
  ],
  notes: [
    "A ViT of width 96 with four blocks and a ResNet-18 of an eighth of its width, the same images and the same AdamW recipe for all eight; the paper trains the ResNet with LARS and longer, and searches rate and decay for each.",
  ],
  figures: (measured) => [
    ...accuracyBars(measured, settings),
    ...knnCurves(measured, [
      { title: "ViT", settings: methods.map(({ title }) => onVit(title)) },
      { title: "ResNet", settings: methods.map(({ title }) => onResnet(title)) },
    ]),
  ],
};
