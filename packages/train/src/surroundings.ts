import { type Detected, describe } from "@twinview/data";
import type { Surroundings } from "./app.ts";

/** What an app is told of the data, beside the machine's speed. Without a test set, a thousand training images are set aside. */
export const surroundingsOf = async ({ train, test }: Detected, machineGflops: number): Promise<Surroundings> => {
  const { width, height } = await describe(train);
  const classes = train.labels === undefined ? undefined : train.classes?.length;
  return { images: train.length, classes, testImages: test?.length ?? 1_000, side: Math.min(width, height), machineGflops };
};
