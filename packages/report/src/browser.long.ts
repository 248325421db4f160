import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostileTexts, type OpenPage, withBrowser } from "@twinview/testkit";
import { expect, test } from "vitest";
import { poisoned } from "./poisoned-run.test.kit.ts";
import { renderReport } from "./report.ts";
import { syntheticRun } from "./synthetic-run.test.kit.ts";
import { tempFolder } from "./temp-folder.test.kit.ts";

const run = syntheticRun({ steps: 120 });
const short = syntheticRun({ steps: 40 });

/** Lets what a page has started come to an end: loads that fail, timers, handlers. */
const settle = (page: OpenPage): Promise<unknown> => page.evaluate("new Promise((done) => setTimeout(done, 50))");

test("no script runs and nothing is asked for, whatever the texts of a run are", async () => {
  const path = join(tempFolder(), "report.html");
  await withBrowser(async (open) => {
    for (const text of hostileTexts) {
      writeFileSync(path, renderReport(poisoned(text, short)));
      const page = await open(path);
      await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
      await settle(page);
      expect([page.calls(), page.complaints(), page.requests()], text.slice(0, 80)).toEqual([0, [], []]);
      expect(await page.evaluate("document.querySelectorAll('script, style').length"), text.slice(0, 80)).toBe(2);
    }
  });
});

test("the watch itself: an unescaped text is seen to run, and to be held back by the policy alone", async () => {
  const path = join(tempFolder(), "report.html");
  const text = `<img src="https://example.invalid/x.png" onerror="pwned()"><script>pwned()</script>`;
  const page = renderReport({ ...run, title: "TITLE" }).replace("<h1>TITLE", `<h1>${text}`);
  await withBrowser(async (open) => {
    writeFileSync(path, page.replace(/<meta http-equiv[^>]*>/, ""));
    const loose = await open(path);
    await settle(loose);
    expect(loose.calls()).toBeGreaterThan(0);
    expect(loose.requests()).toContain("https://example.invalid/x.png");
    writeFileSync(path, page);
    const strict = await open(path);
    await settle(strict);
    expect(strict.calls()).toBe(0);
    expect(strict.complaints().join()).toContain("Content Security Policy");
  });
});

/** Texts that stick out of their card or of the window, by what they say. */
const stickingOut = `[...document.querySelectorAll(".card text, .card dd, .card td, .card figcaption")].flatMap((one) => {
  const [inner, outer] = [one.getBoundingClientRect(), one.closest(".card").getBoundingClientRect()];
  return inner.width > 0 && (inner.left < outer.left || inner.right > outer.right + 1) ? [one.textContent] : [];
})`;

test("it fits a desk, a tablet and a phone, light and dark, with labels and without, long and short", async () => {
  const path = join(tempFolder(), "report.html");
  await withBrowser(async (open) => {
    for (const options of [{ steps: 120 }, { steps: 2, labels: false }, { steps: 1500, blocks: 9 }]) {
      writeFileSync(path, renderReport(syntheticRun(options)));
      const page = await open(path);
      for (const width of [1280, 820, 390, 320]) {
        await page.show(width);
        expect(await page.evaluate("document.documentElement.scrollWidth"), `${JSON.stringify(options)} in ${width} px`).toBe(width);
        expect(await page.evaluate(stickingOut), `${JSON.stringify(options)} in ${width} px`).toEqual([]);
      }
      const backs = [];
      for (const dark of [false, true]) {
        await page.show(1280, { dark });
        backs.push(await page.evaluate("getComputedStyle(document.body).backgroundColor"));
      }
      expect(backs).toEqual(["rgb(246, 247, 248)", "rgb(15, 18, 22)"]);
      expect(page.complaints()).toEqual([]);
    }
  });
});

test("the pointer reads values off curves and the map", async () => {
  const path = join(tempFolder(), "report.html");
  writeFileSync(path, renderReport(run));
  const placeIn = (index: number, selector: string, x: string, y: string) =>
    `(() => { const box = document.querySelectorAll("${selector}")[${index}].getBoundingClientRect(); return [box.left + ${x}, box.top + ${y}]; })()`;
  await withBrowser(async (open) => {
    const page = await open(path);
    await page.show(1280);
    const readAt = async (place: string): Promise<unknown> => {
      await page.point(...((await page.evaluate(place)) as [number, number]));
      return page.evaluate("document.querySelector('.tip').hidden ? undefined : document.querySelector('.tip').innerText");
    };
    const step = run.records.find((record) => record.kind === "step" && record.step === 59);
    if (step?.kind !== "step") throw new Error("no step 59");
    const rate = String(Number((step.hyper.lr as number).toPrecision(4)));
    expect(await readAt(placeIn(2, "[data-readings]", "box.width / 2", "20"))).toBe(`step 60\nlr ${rate}`);
    const norm = String(await readAt(placeIn(0, "[data-heat]", "box.width * 59.5 / 120", "6")));
    expect(norm).toMatch(/^patch w\nstep 60\nnorm about [\d.e-]+$/);
    const read = Number(norm.slice(norm.lastIndexOf(" ")));
    expect(Math.abs(read / (step.gradientNorms["encoder/patch/w"] as number) - 1)).toBeLessThan(0.1); // two digits of a scale of 255 steps
    expect(await readAt(placeIn(0, "h1", "0", "0"))).toBeUndefined();
    expect(page.complaints()).toEqual([]);
  });
});
