import { checkOption } from "@twinview/core";

/** Refuses a probability outside [0, 1]. @throws ShapeError */
export const checkProbability = (where: string, option: string, p: number): void =>
  checkOption(where, option, p, p >= 0 && p <= 1, "a probability in [0, 1]");
