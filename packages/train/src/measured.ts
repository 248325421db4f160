import type { StepResult } from "./loop.ts";

type Numbers = Readonly<Record<string, number>>;

const under = (scalars: Numbers, prefix: string): Numbers =>
  Object.fromEntries(Object.entries(scalars).flatMap(([name, x]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), x]] : [])));

/** The scalars of a step in their places: those of single layers have a path for a name, those of the whole step have none. */
export const measured = (
  scalars: Numbers,
): Pick<StepResult, "loss" | "gradientNorms" | "gradientNorm" | "embeddingStd" | "monitors" | "updateRatios" | "activations"> => {
  const { loss = Number.NaN, embeddingStd = Number.NaN, ...rest } = scalars;
  const gradientNorms = under(rest, "gradientNorm/");
  return {
    loss,
    embeddingStd,
    gradientNorms,
    gradientNorm: Math.hypot(...Object.values(gradientNorms)),
    monitors: Object.fromEntries(Object.entries(rest).filter(([name]) => !name.includes("/"))),
    updateRatios: under(rest, "updateRatio/"),
    activations: under(rest, "activation/"),
  };
};
