import type { Json } from "@twinview/config";
import { escapeHtml } from "./escape.ts";
import type { MetricRecord } from "./metric-record.ts";
import type { Summary } from "./summary.ts";

/** An image of the data set as a PNG data URI, with its class where there is one. */
export interface ReportImage {
  readonly image: string;
  readonly label?: string;
}

/** What a report shows. */
export interface ReportInput {
  readonly title: string;
  readonly summary: Summary;
  readonly config: Json;
  readonly environment: Json;
  readonly records: readonly MetricRecord[];
  /** Training images as PNG data URIs, with the views that the method makes of them. */
  readonly samples: readonly { readonly original: string; readonly views: readonly string[] }[];
  /** Queries with their nearest images, best first. */
  readonly neighbours: readonly {
    readonly query: ReportImage;
    readonly nearest: readonly (ReportImage & { readonly similarity: number })[];
  }[];
  /** Why things were chosen as they were. */
  readonly notes: readonly string[];
}

/** A run as one HTML page that needs no network. */
export const renderReport = ({ title, summary, notes }: ReportInput): string =>
  [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>`,
    `<body><h1>${escapeHtml(title)}</h1><pre>${escapeHtml(JSON.stringify(summary, null, 2))}</pre>`,
    `<ul>${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join("")}</ul></body></html>`,
  ].join("\n");
