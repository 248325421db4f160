import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { twinview } from "./command.ts";
import { errorOf, linesOf, planned, replayed, steps, trainIn } from "./guarded-run.ts";

const scratch = mkdtempSync(join(tmpdir(), "twinview-non-finite-"));
const at = (...names: readonly string[]): string => join(scratch, ...names);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const weightsAt = (run: string, step: number, file = "online"): string =>
  readFileSync(at(run, "checkpoints", `step-${String(step).padStart(6, "0")}`, `${file}.safetensors`)).toString("base64");

describe("a run that stops", () => {
  const flight = at("elsewhere");

  it("names the step, its record and the command that replays it; the state before it is kept", async () => {
    const error = await errorOf(
      trainIn(
        at("stop"),
        planned([], (step) => step === 4),
      ),
    );
    const path = at("stop", "flight", "step-000004");
    expect([error.kind, error.where]).toEqual(["non-finite", path]);
    expect(error.what).toBe("training stopped at step 5: updateRatio/encoder/patch/w is not finite");
    expect(error.fix).toMatch(new RegExp(`^twinview replay ${path} shows where it began; try `));
    expect(readdirSync(at("stop", "checkpoints"))).toEqual(["step-000003", "step-000004"]);
    expect(linesOf(at("stop", "events.jsonl")).filter(({ kind }) => kind === "non-finite")).toEqual([
      expect.objectContaining({ step: 4, action: "stop", flight: path }),
    ]);
    for (const file of ["online", "target", "optimizer"])
      expect(readFileSync(join(path, `${file}.safetensors`)).toString("base64")).toBe(weightsAt("stop", 4, file));
    cpSync(path, flight, { recursive: true });
    rmSync(at("stop"), { recursive: true });
  });

  it("the record alone gives the same bits again, and says where it began", async () => {
    const found = await replayed(flight);
    expect(found).toMatchObject({ identical: true, method: "moco-v3", badState: [], elsewhere: [] });
    expect(found.facts).toMatchObject({ step: 4, batch: 4, engine: "onnx", threads: 1, hyper: { lr: "NaN" } });
    expect(found.numbers.find(({ name }) => name === "loss")).toEqual({
      name: "loss",
      recorded: expect.any(Number),
      again: expect.any(Number),
    });
    expect(found.places[0]).toMatchObject({ path: "input:lr", op: "input", shape: [] });
    const { code, out } = await twinview("replay", flight);
    expect(code).toBe(0);
    expect(out).toMatch(/^moco-v3, step 5, on engine onnx with 1 thread: lr NaN, /);
    expect(out).toMatch(/\nactivations, standard deviation by layer\n {2}patch {2}[\d.]+\n {2}block00 /);
    expect(out).toMatch(/\ngradient norms {2}all \d+ finite, the largest [\d.]+ in encoder\//);
    expect(out).toMatch(/\nfirst values that are not finite, in the order of the computation\n {2}input:lr \[\]\n/);
    expect(out).toMatch(/\nidentical: all \d+ numbers have the bits that were recorded\n$/);
  });

  it("a changed byte, a checkpoint and a folder of something else are refused in one sentence", async () => {
    const refused = async (path: string): Promise<string> => {
      const { code, error } = await twinview("replay", path);
      expect(code).toBe(2);
      return error.replaceAll(scratch, "SCRATCH");
    };
    const views = join(flight, "views.safetensors");
    const bytes = readFileSync(views);
    writeFileSync(
      views,
      bytes.map((byte, i) => (i === bytes.length - 9 ? byte ^ 1 : byte)),
    );
    expect(await refused(flight)).toMatch(
      /^error: the file is damaged: its SHA-256 differs from the manifest\n {2}where: SCRATCH\/elsewhere\/views.safetensors\n/,
    );
    writeFileSync(views, bytes);
    expect(await refused(at("nowhere"))).toMatch(
      /^error: .*\n {2}where: SCRATCH\/nowhere\/manifest.json\n[\s\S]*expected: the folder of a step that was not finite/,
    );
    await trainIn(at("whole"), planned([]));
    expect(await refused(at("whole", "checkpoints", `step-0000${steps}`))).toMatch(/^error: this is not a recorded step\n/);
  });
});
