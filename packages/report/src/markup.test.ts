import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeHtml, html, isPngDataUri, trusted } from "./markup.ts";

test("texts are escaped, markup is not, lists are joined, nothing is nothing", () => {
  const inner = html`<b>${"a & b"}</b>`;
  expect(html`<p title="${'"x"'}">${inner}${[inner, "<i>", 3, undefined]}</p>`.markup).toBe(
    '<p title="&quot;x&quot;"><b>a &amp; b</b><b>a &amp; b</b>&lt;i&gt;3</p>',
  );
});

test("a text that looks like markup is still a text", () => {
  expect(html`<p>${JSON.parse('"<b>"') as string}</p>`.markup).toBe("<p>&lt;b&gt;</p>");
  expect(html`${trusted("<hr>")}`.markup).toBe("<hr>");
});

test("what reverses or hides text is made visible", () => {
  expect(escapeHtml("a\u202eb\u0000c\u001b[31m\u2066")).toBe("a\\u202eb\\u0000c\\u001b[31m\\u2066");
});

test("no escaped text holds a character that ends a text or an attribute, and entities give the text back", () => {
  const back = (text: string): string =>
    text.replace(/&(lt|gt|quot|#39|amp);/g, (_, name: string) => ({ lt: "<", gt: ">", quot: '"', "#39": "'", amp: "&" })[name] as string);
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("<", ">", '"', "'", "&", "&amp;", "x", "/", "=", " ") }), (text) => {
      expect(escapeHtml(text)).not.toMatch(/[<>"']/);
      expect(back(escapeHtml(text))).toBe(text);
    }),
    { seed: 5 },
  );
});

test("only PNG data URIs are images", () => {
  expect(isPngDataUri("data:image/png;base64,iVBORw0KGgo=")).toBe(true);
  const others = [
    "",
    "https://example.org/a.png",
    "javascript:alert(1)",
    "data:text/html;base64,PGI+",
    "data:image/svg+xml;base64,PHN2Zz4=",
    'data:image/png;base64,iVB" onerror="alert(1)',
    "data:image/png;base64,",
    " data:image/png;base64,iVBO",
    "data:image/png;base64,iVBO\n",
  ];
  expect(others.filter(isPngDataUri)).toEqual([]);
});
