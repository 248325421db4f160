import type { Json } from "@twinview/config";
import type { MetricRecord } from "./metric-record.ts";
import type { ReportInput } from "./report-input.ts";

/** A run in which every text that comes from outside is the same one. */
export const poisoned = (text: string, like: ReportInput): ReportInput => {
  const poison = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(poison);
    if (typeof value !== "object" || value === null) return text;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [`${key}${text}`, poison(inner as Json)]));
  };
  const norms = (record: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(record).map(([name, value], i) => [i < 3 ? `${name}/${text}` : name, value]));
  const records = like.records.map((record): MetricRecord => {
    if (record.kind === "step")
      return {
        ...record,
        hyper: { ...record.hyper, [text]: record.step },
        monitors: { ...record.monitors, [text]: 1 },
        gradientNorms: norms(record.gradientNorms),
        updateRatios: norms(record.updateRatios ?? {}),
        activations: norms(record.activations ?? {}),
      };
    if (record.kind === "dip") return { ...record, spike: { step: 1, layer: text, ratio: 2 } };
    if (record.kind === "collapse" || record.kind === "recovery") return { ...record, metric: text };
    if (record.kind === "non-finite") return { ...record, tensors: [text] };
    return record.kind === "spike" ? { ...record, layer: `${record.layer}/${text}` } : record;
  });
  const image = { image: text, label: text };
  return {
    title: text,
    summary: { ...like.summary, method: text, backbone: text, dataset: text },
    config: poison(like.config),
    environment: poison(like.environment),
    records,
    samples: [{ original: text, views: [text, ...(like.samples[0]?.views ?? [])] }],
    neighbours: [
      {
        query: image,
        nearest: [
          { ...image, similarity: 0.5 },
          { image: text, similarity: Number.NaN },
        ],
      },
    ],
    notes: [text],
  };
};
