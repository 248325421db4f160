import { byolApp } from "@twinview/byol";
import { isUserError } from "@twinview/config";
import { mocoV3App } from "@twinview/moco-v3";
import { simclrApp } from "@twinview/simclr";
import { swavApp } from "@twinview/swav";
import type { App, Wishes } from "@twinview/train";
import * as E from "fp-ts/lib/Either.js";
import { describe, expect, test } from "vitest";

const apps: readonly App[] = [mocoV3App, simclrApp, byolApp, swavApp];
const around = { images: 5_000, testImages: 500, side: 28, machineGflops: 100 };

const planned = (app: App, wishes: Partial<Wishes>, overrides: readonly string[] = []) =>
  app.plan({ data: "x", ...wishes }, around, overrides);
const run = (app: App, wishes: Partial<Wishes>, overrides: readonly string[] = []) => {
  const result = planned(app, wishes, overrides);
  if (E.isLeft(result)) throw new Error(result.left.what);
  return result.right.run;
};
const refusal = (app: App, overrides: readonly string[], wishes: Partial<Wishes> = {}): string => {
  const result = planned(app, wishes, overrides);
  if (E.isRight(result)) throw new Error("was not refused");
  expect(isUserError(result.left)).toBe(true);
  return [result.left.what, result.left.expected, result.left.fix].filter((text) => text !== undefined).join("; ");
};

describe.each(apps.map((app) => ({ name: app.method, app })))("$name", ({ app }) => {
  test.each(["vit-mini", "vit-ti", "resnet-18", "resnet-50"])(
    "mini on %s: what config.json holds sets up the same run again",
    (backbone) => {
      const first = run(app, { backbone, epochs: 2 });
      const again = app.restore(JSON.parse(JSON.stringify(first.config)), "config.json", around.images);
      if (E.isLeft(again)) throw new Error(again.left.what);
      const { experiment } = again.right;
      expect(again.right.config).toEqual(first.config);
      expect({ steps: experiment.steps, batch: experiment.batch, views: experiment.views }).toEqual({
        steps: first.experiment.steps,
        batch: first.experiment.batch,
        views: first.experiment.views,
      });
      for (const [name, schedule] of Object.entries(experiment.schedules))
        expect([name, schedule(0), schedule(7)]).toEqual([
          name,
          first.experiment.schedules[name]?.(0),
          first.experiment.schedules[name]?.(7),
        ]);
    },
  );

  test("the frozen patch projection reaches both families", () => {
    const vit = run(app, { backbone: "vit-mini", epochs: 1, freezePatch: true }).experiment;
    const resnet = run(app, { backbone: "resnet-18", epochs: 1, freezePatch: true }).experiment;
    expect([vit.encoder.frozen("patch/w"), vit.encoder.frozen("blocks/block00/norm1/scale")]).toEqual([true, false]);
    expect([resnet.encoder.frozen("conv1/w"), resnet.encoder.frozen("layer1/block0/conv1/w")]).toEqual([true, false]);
  });

  test("every optimizer of the configuration composes", () => {
    for (const kind of ["adamw", "lamb", "sgd", "lars", "lars-classic", "larc"])
      expect(run(app, { epochs: 1 }, [`optimizer.kind=${kind}`]).experiment.schedules).toHaveProperty("lr");
  });

  test("gradients are clipped where --set asks for it, with and without a limit of its own", () => {
    const clipOf = (overrides: readonly string[]) =>
      (run(app, { epochs: 1 }, overrides).config as { readonly optimizer: { readonly clip?: unknown } }).optimizer.clip;
    expect(clipOf([])).toBeUndefined();
    expect(clipOf(["optimizer.clip.kind=adaptive"])).toEqual({ kind: "adaptive" });
    expect(clipOf(["optimizer.clip.kind=global-norm", "optimizer.clip.norm=0.5"])).toEqual({ kind: "global-norm", norm: 0.5 });
    expect(refusal(app, ["optimizer.clip.kind=global-norm", "optimizer.clip.norm=0"])).toBe(
      "optimizer.clip.norm: wrong value; a number above 0",
    );
  });

  test("an unknown preset or backbone is refused with the known names", () => {
    expect(refusal(app, [], { preset: "min" })).toBe('unknown preset "min"; one of mini, paper; did you mean "mini"?');
    expect(refusal(app, [], { backbone: "resnet-81" })).toMatch(/^unknown backbone "resnet-81"; one of vit-mini, .*resnet-50/);
  });
});

test("the published recipes: batch 4096 at 224 pixels, each with its own optimizer, rate and length", () => {
  const published = apps.flatMap((app) =>
    ["vit-s", "resnet-50"].map((backbone) => {
      const result = app.plan({ data: "x", preset: "paper", backbone }, { ...around, images: 1_281_167, side: 400 }, []);
      if (E.isLeft(result)) throw new Error(result.left.what);
      const { optimizer, batch, epochs, image } = result.right.run.config as unknown as {
        readonly optimizer: {
          readonly kind: string;
          readonly baseRate: number;
          readonly weightDecay: number;
          readonly warmupEpochs: number;
        };
        readonly batch: number;
        readonly epochs: number;
        readonly image: number;
      };
      expect([batch, image]).toEqual([4096, 224]);
      return [app.method, backbone, optimizer.kind, optimizer.baseRate, optimizer.weightDecay, optimizer.warmupEpochs, epochs];
    }),
  );
  expect(published).toEqual([
    ["moco-v3", "vit-s", "adamw", 1.5e-4, 0.1, 40, 300],
    ["moco-v3", "resnet-50", "lars", 0.3, 1e-6, 10, 300],
    ["simclr", "vit-s", "adamw", 1.5e-4, 0.1, 40, 300],
    ["simclr", "resnet-50", "lars-classic", 0.3, 1e-6, 10, 800],
    ["byol", "vit-s", "adamw", 1.5e-4, 0.1, 40, 300],
    ["byol", "resnet-50", "lars", 0.3, 1e-6, 10, 300],
    ["swav", "vit-s", "adamw", 1.5e-4, 0.1, 40, 300],
    ["swav", "resnet-50", "larc", 0.3, 1e-6, 10, 800],
  ]);
});

test("MoCo v3 with momentum 0 keeps it at 0", () => {
  const { schedules } = run(mocoV3App, { epochs: 2 }, ["momentum=0"]).experiment;
  expect([schedules.momentum?.(0), schedules.momentum?.(50)]).toEqual([0, 0]);
});

test.each([
  [swavApp, ["queue.length=100"], "swav: queue.length is 100, expected a multiple of the batch, 128"],
  [swavApp, ["prototypes.count=1"], "prototypes: count is 1"],
  [swavApp, ["crops.small=4", "crops.smallSize=56"], "swav: crops.smallSize is 56, expected at most the image's side, 28"],
  [swavApp, ["crops.small=4", "crops.smallSize=10"], "swav: crops.smallSize is 10, expected a multiple of the patch, 7"],
  [byolApp, ["crops.small=4"], "crops: unknown key"],
  [simclrApp, ["momentum=0.9"], "momentum: unknown key"],
  [mocoV3App, ["backbone.patch=5"], "vit: patch is 5, expected a divisor of the image's side, 28"],
] as const)("%#: refused before anything runs", (app, overrides, message) => {
  expect(refusal(app, overrides)).toContain(message);
});
