import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostileTexts, tell, withBrowser } from "@twinview/testkit";
import { afterAll, expect, test } from "vitest";
import { hostilePages } from "./hostile-pages.ts";

const scratch = mkdtempSync(join(tmpdir(), "twinview-pages-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const atOnce = 15;
const groups = Array.from({ length: Math.ceil(hostileTexts.length / atOnce) }, (_, i) => hostileTexts.slice(i * atOnce, (i + 1) * atOnce));

test.each(Object.keys(hostilePages))("no script runs in %s and nothing is asked for, whatever texts it shows", async (name) => {
  const made = hostilePages[name] as (typeof hostilePages)[string];
  const path = join(scratch, "page.html");
  await withBrowser(async (open) => {
    const look = async (texts: readonly string[]) => {
      writeFileSync(path, await made(texts));
      const page = await open(path);
      await page.evaluate("new Promise((done) => setTimeout(done, 100))");
      const elements =
        "Object.entries(Object.groupBy(document.querySelectorAll('*'), (one) => one.localName)).map(([k, v]) => k + v.length).sort().join()";
      const shown = await page.evaluate("document.body.textContent.length + document.querySelectorAll('text').length");
      return {
        shown,
        calls: page.calls(),
        complaints: page.complaints(),
        requests: page.requests(),
        elements: await page.evaluate(elements),
      };
    };
    for (const texts of groups) {
      const harmless = await look(texts.map((_, i) => `harmless ${i}`));
      const found = await look(texts);
      expect({ ...found, shown: 0 }, texts.join("\n")).toEqual({
        calls: 0,
        complaints: [],
        requests: [],
        elements: harmless.elements,
        shown: 0,
      });
      expect(Number(found.shown)).toBeGreaterThan(1000);
    }
  });
  tell("hostile-pages", { page: name, texts: hostileTexts.length, scriptsRun: 0, requests: 0 });
});
