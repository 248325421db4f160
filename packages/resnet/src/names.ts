const leafNames: Readonly<Record<string, string>> = {
  w: "weight",
  scale: "weight",
  shift: "bias",
  mean: "running_mean",
  variance: "running_var",
};

/**
 * The name that torchvision gives to the parameter or running statistic at a path:
 * `layer1/block0/bn2/scale` is `layer1.0.bn2.weight`, `layer2/block0/downsample/bn/mean` is `layer2.0.downsample.1.running_mean`.
 */
export const torchvisionName = (path: string): string => {
  const parts = path.split("/");
  const leaf = parts.pop() as string;
  const inDownsample = parts.includes("downsample");
  const names = parts.map((part) => {
    if (inDownsample && part === "conv") return "0";
    if (inDownsample && part === "bn") return "1";
    return part.replace(/^block(\d+)$/, "$1");
  });
  return [...names, leafNames[leaf] ?? leaf].join(".");
};
