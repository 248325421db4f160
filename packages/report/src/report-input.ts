import type { Json } from "@twinview/config";
import type { MetricRecord } from "./metric-record.ts";
import type { Summary } from "./summary.ts";

/** An image of the data set as a PNG data URI, with its class where there is one. */
export interface ReportImage {
  readonly image: string;
  readonly label?: string;
}

/** A training image and the views that the method makes of it, as PNG data URIs. */
export interface SampleViews {
  readonly original: string;
  readonly views: readonly string[];
}

/** A query with its nearest images, best first. */
export interface NeighbourRow {
  readonly query: ReportImage;
  readonly nearest: readonly (ReportImage & { readonly similarity: number })[];
}

/** What a report shows. */
export interface ReportInput {
  readonly title: string;
  readonly summary: Summary;
  readonly config: Json;
  readonly environment: Json;
  readonly records: readonly MetricRecord[];
  readonly samples: readonly SampleViews[];
  readonly neighbours: readonly NeighbourRow[];
  /** Why things were chosen as they were. */
  readonly notes: readonly string[];
}
