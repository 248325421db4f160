import { printable } from "@twinview/config";

/** A piece of HTML or SVG that is safe to put into a page. */
export interface Markup {
  readonly markup: string;
}

/** What may stand in a template: texts are escaped, markup is taken as it is, lists are joined, undefined is nothing. */
export type Part = Markup | string | number | undefined | readonly Part[];

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/**
 * Text made safe for HTML, inside elements and inside quoted attributes alike; control characters and the marks that reverse or
 * hide text are made visible.
 */
export const escapeHtml = (text: string): string => printable(text).replace(/[&<>"']/g, (c) => entities[c] as string);

const render = (part: Part): string => {
  if (part === undefined) return "";
  if (typeof part === "string") return escapeHtml(part);
  if (typeof part === "number") return String(part);
  if ("markup" in part) return part.markup;
  return part.map(render).join("");
};

/**
 * Markup from a template in which every inserted text is escaped: no text from outside can become an element or leave its
 * attribute. Attributes must be quoted.
 */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Markup => ({
  markup: strings.map((text, i) => text + render(parts[i])).join(""),
});

/** Markup from a constant of this package, taken as it is. Never for anything that comes from outside. */
export const trusted = (markup: string): Markup => ({ markup });

/** A value as JSON for a data attribute that the page's script reads; its texts made visible as in {@link escapeHtml}. */
export const dataText = (value: unknown): string => JSON.stringify(value, (_key, v: unknown) => (typeof v === "string" ? printable(v) : v));

const pngPattern = /^data:image\/png;base64,[A-Za-z0-9+/]+={0,2}$/;

/** Whether a text is a PNG data URI: the only source that an image of a page may have. */
export const isPngDataUri = (uri: string): boolean => pngPattern.test(uri);
