import { html, isPngDataUri, type Markup, trusted } from "./markup.ts";
import type { NeighbourRow, ReportImage, SampleViews } from "./report-input.ts";

const nothingToShow = trusted('<span class="no-picture"></span>');

const picture = (uri: string, what: string): Markup =>
  isPngDataUri(uri) ? html`<img src="${uri}" alt="${what}" loading="lazy">` : nothingToShow;

const captioned = (image: Markup, caption: string | undefined, place = ""): Markup =>
  html`<figure class="${place}">${image}${caption === undefined ? undefined : html`<figcaption>${caption}</figcaption>`}</figure>`;

/** Training images beside the views that the method sees of them. */
export const sampleTable = (samples: readonly SampleViews[]): Markup => {
  const card = ({ original, views }: SampleViews): Markup => {
    const images = views.map((view, i) => captioned(picture(view, `view ${i + 1}`), `view ${i + 1}`));
    return html`<div class="card images">${captioned(picture(original, "training image"), "image")}${images}</div>`;
  };
  return html`<div class="samples">${samples.map(card)}</div>`;
};

const labelled = ({ label }: ReportImage): string => label ?? "no class";

/** Queries with their nearest images, ringed by whether the class is the same. */
export const neighbourTable = (neighbours: readonly NeighbourRow[]): Markup => {
  const row = ({ query, nearest }: NeighbourRow): Markup => {
    const images = nearest.map((one, i) => {
      const place = one.label === undefined || query.label === undefined ? "" : one.label === query.label ? "same" : "other";
      const similarity = Number.isFinite(one.similarity) ? one.similarity.toFixed(2) : undefined;
      const caption = [one.label, similarity].filter((text) => text !== undefined).join(" · ");
      return captioned(picture(one.image, `neighbour ${i + 1}: ${labelled(one)}`), caption === "" ? undefined : caption, place);
    });
    const asked = captioned(picture(query.image, `query: ${labelled(query)}`), query.label ?? "query", "query");
    return html`<div>${asked}<div class="images">${images}</div></div>`;
  };
  return html`<div class="card neighbours">${neighbours.map(row)}</div>`;
};

/** How many of the neighbours shown are of their query's class, in words; undefined without labels. */
export const agreement = (neighbours: readonly NeighbourRow[]): string | undefined => {
  const pairs = neighbours.flatMap(({ query, nearest }) => nearest.map((one) => [query.label, one.label] as const));
  const known = pairs.filter(([query, near]) => query !== undefined && near !== undefined);
  const same = known.filter(([query, near]) => query === near);
  return known.length === 0 ? undefined : `${same.length} of the ${known.length} shown are of the query's class (solid ring).`;
};

/** Images beside pictures of what is made of them, each with its caption. */
export const imageStrips = (
  strips: readonly { readonly image: ReportImage; readonly beside: readonly { readonly image: string; readonly caption: string }[] }[],
): Markup => {
  const card = ({ image, beside }: (typeof strips)[number]): Markup => {
    const pictures = beside.map((one) => captioned(picture(one.image, one.caption), one.caption));
    return html`<div class="card images">${captioned(picture(image.image, labelled(image)), labelled(image))}${pictures}</div>`;
  };
  return html`<div class="samples">${strips.map(card)}</div>`;
};
