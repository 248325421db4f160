import type { App } from "@twinview/train";
import type { Terminal } from "../output.ts";
import { trainCommand } from "./train.ts";

/** `twinview demo`: MoCo v3 on Fashion-MNIST with everything chosen, in a few minutes. */
export const demoCommand = (
  terminal: Terminal,
  app: App,
  flags: { readonly out: string; readonly minutes: number; readonly json: boolean },
): Promise<number> =>
  trainCommand(terminal, app, {
    data: "fashion-mnist",
    preset: "mini",
    backbone: undefined,
    epochs: undefined,
    minutes: flags.minutes,
    share: undefined,
    batch: undefined,
    seed: undefined,
    freezePatch: false,
    onNonFinite: undefined,
    initFrom: undefined,
    set: [],
    out: flags.out,
    workers: undefined,
    threads: undefined,
    engine: "onnx",
    device: undefined,
    json: flags.json,
  });
