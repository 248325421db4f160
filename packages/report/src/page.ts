import { createHash } from "node:crypto";
import { hoverScript } from "./hover-script.ts";
import { html, type Markup, trusted } from "./markup.ts";
import { pageStyle } from "./page-style.ts";

export interface PageOptions {
  readonly title: string;
  readonly body: Markup;
}

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/**
 * What a page may do: show its own images, use its one style and run its one script, both named by their hash. Nothing is
 * loaded, sent or framed; text never becomes code.
 * @see W3C, Content Security Policy Level 3.
 */
export const pagePolicy = [
  "default-src 'none'",
  "img-src data:",
  `style-src ${hashOf(pageStyle)}`,
  `script-src ${hashOf(hoverScript)}`,
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/** A whole HTML page in one text: style and script inside, no network, see {@link pagePolicy}. */
export const page = ({ title, body }: PageOptions): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${pagePolicy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${trusted(pageStyle)}</style>
</head>
<body>
<main>
${body}
</main>
<script>${trusted(hoverScript)}</script>
</body>
</html>
`.markup;

/** A part of a page under its heading. */
export const section = ({ title, note, body }: { readonly title: string; readonly note?: string; readonly body: Markup }): Markup =>
  html`<section><h2>${title}</h2>${note === undefined ? undefined : html`<p class="note">${note}</p>`}${body}</section>
`;

/** A chart on a card, with its title, the key of its colours and a remark. */
export const chartCard = ({
  title,
  chart,
  keys,
  note,
}: {
  readonly title: string;
  readonly chart: Markup;
  readonly keys?: Markup;
  readonly note?: string | undefined;
}): Markup =>
  html`<figure class="card"><div class="head"><h3>${title}</h3>${keys}</div>${chart}${note === undefined ? undefined : html`<p class="note">${note}</p>`}</figure>
`;
