import { hostileTexts } from "@twinview/testkit";
import { expect, test } from "vitest";
import { runCommand } from "./cli.ts";
import { eventPrinter, guarded } from "./output.ts";

/** A terminal that keeps what was written; clearing a line is kept as a mark. */
const listening = () => {
  const written: string[] = [];
  const write = (text: string): void => void written.push(text);
  return { written, terminal: { out: write, error: write, clearLine: () => write("CLEAR") } };
};

const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u;
const escapes = [
  "\u001b]0;title\u0007",
  "\u001b[2J\u001b[1;1H",
  "\u009b31m",
  "\u001bP+q\u001b\\",
  "\u001b]52;c;eA==\u0007",
  "a\rb",
  "\u202eexe",
  "\u0008\u0008x",
];

test("what comes from outside is shown, not obeyed: notes, warnings, names of layers, folders", () => {
  for (const text of [...escapes, ...hostileTexts]) {
    const { written, terminal } = listening();
    const show = eventPrinter(guarded(terminal), { json: false });
    show({ kind: "note", text });
    show({ kind: "warning", text });
    show({ kind: "non-finite", step: 1, tensors: [text], action: "stop", flight: text } as never);
    show({ kind: "collapse", step: 1, since: 1, metric: text, value: 0, floor: 1 } as never);
    expect(written).toHaveLength(4);
    for (const line of written) expect([controls.test(line), line.split("\n").length]).toEqual([false, 2]);
    expect(written[0]).not.toBe("\n");
  }
});

test("JSON lines keep their meaning", () => {
  for (const text of [...escapes, ...hostileTexts]) {
    const { written, terminal } = listening();
    eventPrinter(guarded(terminal), { json: true })({ kind: "note", text });
    expect(controls.test(written.join(""))).toBe(false);
    expect(JSON.parse(written.join(""))).toEqual({ kind: "note", text });
  }
});

test("the command's own live line is overwritten still", () => {
  const { written, terminal } = listening();
  const show = eventPrinter(guarded(terminal), { json: false });
  const step = { step: 0, steps: 2, epoch: 0, loss: 1, lr: 1, imagesPerSecond: 1, gflops: 1, machineGflops: 1, waitShare: 0, rssBytes: 1 };
  show({ kind: "step", ...step, secondsLeft: 1 } as never);
  show({ kind: "note", text: "x" });
  expect(written.map((text) => text.slice(0, 6))).toEqual(["CLEAR", "step 1", "CLEAR", "x\n"]);
});

test("arguments that are wrong are shown, not obeyed", async () => {
  for (const text of escapes)
    for (const argv of [
      [text],
      ["train", text],
      ["train", "moco-v3", `--${text}`],
      ["resume", text],
      ["eval", text],
      ["compare", text, text],
    ]) {
      const { written, terminal } = listening();
      expect(await runCommand(terminal, argv), JSON.stringify(argv)).toBe(2);
      expect(controls.test(written.join("")), JSON.stringify(written)).toBe(false);
    }
});
