import { decode, type Json } from "@twinview/config";
import * as E from "fp-ts/lib/Either.js";
import { describe, expect, it, test } from "vitest";
import { judge } from "./claims.ts";
import { machineText } from "./machine.ts";
import { fullSize, planStudy, quickSize, type StudyCell, type StudySize } from "./plan-study.ts";
import { studyResult, studyResultCodec } from "./result.ts";
import { studies } from "./studies.ts";
import type { Study } from "./study.ts";
import { studiesPage, studyPage } from "./study-page.ts";
import { studiesMarkdown, studyMarkdown } from "./study-table.ts";
import { type MadeUp, measuredAs } from "./synthetic-cells.test.kit.ts";

const byId = (id: string): Study => {
  const found = studies.find((study) => study.id === id);
  if (found === undefined) throw new Error(`no study ${id}`);
  return found;
};

/** The paper's own numbers where it has some; curves, spikes and what it has no number for, as its words say. */
const paperSays: Readonly<Record<string, Readonly<Record<string, Partial<MadeUp>>>>> = {
  S1: { "batch 64": { falls: 1 }, "batch 256": { falls: 1 }, "batch 1024": { falls: 5 }, "batch 2048": { falls: 12 } },
  S2: { "rate 0.00025": { falls: 1 }, "rate 0.016": { knn: 68, falls: 12 } },
  S3: { "AdamW, rate 0.016": { knn: 68, falls: 12 } },
  S4: {
    "learned, rate 0.016": { knn: 70, first: [60, 200], last: [75, 220] },
    "frozen, rate 0.016": { knn: 72 },
    "learned, rate 0.064": { knn: 68, first: [60, 200], last: [75, 220], falls: 12 },
    "frozen, rate 0.064": { knn: 70, falls: 2 },
  },
  S5: {
    "MoCo v3, rate 0.004, learned": { falls: 12 },
    "MoCo v3, rate 0.004, frozen": { falls: 2 },
    "MoCo v3, rate 0.016, learned": { knn: 68 },
    "MoCo v3, rate 0.016, frozen": { knn: 70 },
    "MoCo v3, rate 0.064, learned": { knn: 60 },
    "MoCo v3, rate 0.064, frozen": { knn: 65 },
    "SimCLR, rate 0.064, learned": { knn: 60 },
    "SimCLR, rate 0.064, frozen": { knn: 65 },
    "BYOL, rate 0.004, learned": { knn: 70 },
    "BYOL, rate 0.004, frozen": { knn: 71 },
    "SwAV, rate 0.064, learned": { knn: 60 },
    "SwAV, rate 0.064, frozen": { knn: 65 },
    "SimCLR, rate 0.016, learned": { knn: 69 },
    "SimCLR, rate 0.016, frozen": { knn: 69.8 },
    "BYOL, rate 0.016, learned": { knn: 69 },
    "BYOL, rate 0.016, frozen": { knn: 70.3 },
    "MoCo v3, rate 0.016, learned, clipped to norm 0.4": { knn: 69 },
    "MoCo v3, rate 0.016, learned, adaptive clipping": { knn: 69 },
    "MoCo v3, rate 0.064, learned, clipped to norm 0.1": { knn: 62 },
    "MoCo v3, rate 0.064, learned, adaptive clipping": { knn: 62 },
  },
  S12: { "patches of 14": { knn: 76.5 }, "patches of 7": { knn: 79 }, "patches of 7, batch norm in the blocks": { knn: 80 } },
  S13: { half: { knn: 71 }, "four times": { knn: 74 } },
  S14: {
    "MoCo v3": { knn: 70, tuned: { test: 75, train: 90 } },
    supervised: { knn: 85, tuned: { test: 70, train: 92 } },
    "from scratch": { knn: 60, tuned: { test: 60, train: 80 } },
  },
  S15: {
    "MoCo v3, a tenth of the images": { knn: 70, tuned: { test: 70, train: 90 } },
    "MoCo v3, all images": { knn: 72, tuned: { test: 74, train: 90 } },
    "supervised, a tenth of the images": { knn: 80, tuned: { test: 68, train: 92 } },
    "supervised, all images": { knn: 85, tuned: { test: 76, train: 90 } },
  },
  S16: {
    "warm-up 1 %": { knn: 70, falls: 12 },
    "warm-up 10 %": { knn: 71, falls: 5 },
    "warm-up 30 %": { knn: 72, falls: 2 },
    "tau 0.1": { knn: 72 },
    "tau 0.2, weight decay 0.1": { knn: 72.3 },
    "tau 0.4": { knn: 71.9 },
    "weight decay 0.01": { knn: 72 },
    "weight decay 0.3": { knn: 72.1 },
  },
};

const asThePaper = ({ id, settings }: Study): Readonly<Record<string, MadeUp>> =>
  Object.fromEntries(
    settings.map(({ name, paper }) => {
      const said = paperSays[id]?.[name];
      const knn = said?.knn ?? paper;
      if (knn === undefined) throw new Error(`${id} ${name}: no number`);
      return [name, { ...said, knn }];
    }),
  );

/** The opposite: what was best is worst, what was calm is rough, what came first comes last. */
const turnedRound = (settings: Readonly<Record<string, MadeUp>>): Readonly<Record<string, MadeUp>> =>
  Object.fromEntries(
    Object.entries(settings).map(([name, { knn, falls = 0, first = [], last = [], tuned }]) => [
      name,
      {
        knn: 140 - knn,
        falls: 15 - falls,
        first: last,
        last: first,
        ...(tuned === undefined ? {} : { tuned: { test: 140 - tuned.test, train: tuned.train } }),
      },
    ]),
  );

describe("the rule of every study, on made-up measurements", () => {
  it.each(studies)("$id: yes to the paper's own numbers", (study) => {
    const { reproduced, findings } = judge(study, measuredAs(asThePaper(study)));
    expect(findings.filter(({ decides, verdict }) => decides && verdict !== "yes")).toEqual([]);
    expect(reproduced).toBe("yes");
  });

  it.each(studies)("$id: no to the opposite", (study) => {
    expect(judge(study, measuredAs(turnedRound(asThePaper(study)))).reproduced).toBe("no");
  });

  it.each(studies)("$id: unclear with one seed", (study) => {
    const made = Object.fromEntries(Object.entries(asThePaper(study)).map(([name, one]) => [name, { ...one, first: [], last: [] }]));
    const { reproduced, findings } = judge(study, measuredAs(made, { seeds: 1 }));
    expect(reproduced).toBe("unclear");
    expect(new Set(findings.map(({ verdict }) => verdict))).toEqual(new Set(["unclear"]));
  });

  it.each(studies.filter(({ id }) => id !== "S4"))("$id: unclear where seeds lie farther apart than settings", (study) => {
    expect(judge(study, measuredAs(asThePaper(study), { scatter: 14 })).reproduced).toBe("unclear");
  });
});

const around = { images: 60_000, testImages: 10_000, classes: 10, side: 28, machineGflops: 50 };
const planned = (study: Study, size: StudySize = { ...fullSize, seeds: 2, epochs: 2 }): readonly StudyCell[] => {
  const cells = planStudy(study, "fashion-mnist", size, around);
  if (E.isLeft(cells)) throw new Error(cells.left.what);
  return cells.right;
};
const keyOf = (id: string, setting: string): string | undefined =>
  planned(byId(id)).find((cell) => cell.setting === setting && cell.planned.cell.seed === 0)?.planned.cell.variant;

describe("the cells of every study", () => {
  it.each(studies)("$id can be set up, and its settings differ", (study) => {
    const cells = planned(study);
    expect(cells).toHaveLength(2 * study.settings.length);
    expect(new Set(cells.map(({ planned: one }) => one.cell.variant)).size).toBe(cells.length);
  });

  it("equal settings of different studies are one cell", () => {
    expect(new Set([keyOf("S7", "sin-cos"), keyOf("S9", "with batch norm"), keyOf("S11", "m = 0.99"), keyOf("S13", "once")]).size).toBe(1);
    expect(
      new Set([keyOf("S2", "rate 0.001"), keyOf("S5", "MoCo v3, rate 0.001, learned"), keyOf("S16", "tau 0.2, weight decay 0.1")]).size,
    ).toBe(1);
    expect(keyOf("S7", "none")).not.toBe(keyOf("S7", "sin-cos"));
  });

  it("a setting's length multiplies epochs, keeps the points of the curve, and its warm-up is a share of it", () => {
    const config = (id: string, setting: string) =>
      planned(byId(id)).find((cell) => cell.setting === setting)?.planned.run.config as {
        readonly epochs: number;
        readonly knn: { readonly everyEpochs: number };
        readonly optimizer: { readonly warmupEpochs: number };
      };
    expect(config("S13", "four times")).toMatchObject({ epochs: 8, knn: { everyEpochs: 0.4 } });
    expect(config("S16", "warm-up 30 %").optimizer.warmupEpochs).toBeCloseTo(0.6, 12);
  });

  it("a smoke test has an eighth of the batch", () => {
    const batches = planned(byId("S1"), { ...quickSize, epochs: 0.01 }).map(({ planned: { run } }) => run.experiment.batch);
    expect(batches).toEqual([8, 32, 128, 256]);
  });
});

const about = { dataset: "fashion-mnist", images: 120_000, quick: false, command: "twinview study" };

describe("what a study leaves", () => {
  it.each(studies)("$id: study.json that its codec reads back, a page and a table with every setting", (study) => {
    const measured = measuredAs(asThePaper(study));
    const result = studyResult(study, measured, about);
    const json = JSON.parse(JSON.stringify(studyResultCodec.encode(result))) as Json;
    expect(decode(studyResultCodec, json, "study.json")).toEqual(E.right(result));
    expect(result).toMatchObject({ id: study.id, reproduced: "yes", raw: 0.8, seconds: 30 * study.settings.length });
    const page = studyPage(result, study.figures(measured));
    const text = studyMarkdown(result);
    for (const { name } of study.settings) {
      expect(page).toContain(`<td>${name}</td>`);
      expect(text).toContain(`| ${name} |`);
    }
    for (const claim of study.claims) expect(text).toContain(claim.says);
    expect(text).toContain(`\`twinview study\` on a machine: ${Math.round(study.settings.length / 2)} minutes of training`);
    expect(page).toContain("twinview study on a machine: ");
    expect(page).toContain(`${study.title}: reproduced`);
    expect(page).toMatch(/<svg class="(chart|bars)"/);
    expect(page.slice(page.indexOf("<main>"), page.indexOf("<script>")).replaceAll("in NaN", "").replaceAll("to NaN", "")).not.toMatch(
      /NaN|undefined/,
    );
  });

  test("a run that ended in NaN is said to have", () => {
    const study = byId("S10");
    const [first, second] = measuredAs(asThePaper(study));
    const cells = first?.cells.map((cell, i) => (i === 0 ? { ...cell, finished: false } : cell)) ?? [];
    const result = studyResult(study, [{ name: "with predictor", cells }, ...(second === undefined ? [] : [second])], about);
    expect(studyMarkdown(result)).toContain("| with predictor | 76.5 | 76.5 ± 0.1 (1 of 3 ended in NaN) |");
  });

  test("the index has a row for each result, with what decided", () => {
    const results = ["S9", "S10"].map((id) => studyResult(byId(id), measuredAs(asThePaper(byId(id))), about));
    const [head, rule, ...rows] = studiesMarkdown(results).trim().split("\n");
    expect([head, rule, rows.length]).toEqual([
      "| study | title | the paper found | here | what decided | minutes |",
      "| --- | --- | --- | --- | --- | --- |",
      2,
    ]);
    expect(rows[1]).toMatch(/^\| S10 \| Prediction head \| 76\.5 and 75\.5: .* \| reproduced \| yes: \+1\.0 ± 0\.\d points \| 1 \|$/);
    expect(studiesPage(results)).toContain("Studies: 2 of 2 reproduced");
  });
});

test("the studies are S1 to S16, each once", () => {
  const ids = studies.map(({ id }) => Number(id.slice(1))).sort((a, b) => a - b);
  expect(ids).toEqual(Array.from({ length: 16 }, (_, i) => i + 1));
});

test("a machine in words, as far as its facts are known", () => {
  const env = { processor: "AMD EPYC ", cores: 2, platform: "linux x64", node: "v20.20.2", engine: "onnx" };
  expect(machineText(env)).toBe("AMD EPYC, 2 cores, linux x64, Node v20.20.2");
  expect(machineText({ cores: 2 })).toBe("?, 2 cores, ?, Node ?");
  expect(machineText({})).toBe("?, ? cores, ?, Node ?");
});
