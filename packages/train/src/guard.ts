import { availableParallelism } from "node:os";
import { type UserError, userError, userErrorOf } from "@twinview/config";
import type { Session } from "@twinview/engine";
import type { PlannedRun } from "./app.ts";
import { machineFacts } from "./environment.ts";
import type { RunEvent } from "./events.ts";
import type { Experiment } from "./experiment.ts";
import { saveFlight } from "./flight.ts";
import type { Fault } from "./loop.ts";
import { mostInARow } from "./on-non-finite.ts";
import { viewArrays } from "./programs.ts";
import { batchesPassed } from "./progress-state.ts";
import { rollBack } from "./roll-back.ts";
import type { Tracker } from "./tracker.ts";

export interface GuardOptions {
  readonly run: PlannedRun;
  readonly experiment: Experiment;
  readonly session: Session;
  readonly tracker: Tracker;
  readonly runDir: string;
  /** Training images of the data. */
  readonly images: number;
  readonly engine: string;
  readonly threads?: number | undefined;
  readonly onEvent: (event: RunEvent) => void;
}

/** What happens where a step is not finite. */
export interface Guard {
  /** Records the step; leaves it out and says so, or says that the loop is to end. */
  readonly skips: (fault: Fault) => Promise<boolean>;
  /** After the loop ended there: back at a checkpoint to go on from, or the error that the run ends with. */
  readonly afterEnd: () => Promise<"rolled-back" | UserError>;
}

const ordinal = (n: number): string => `${n}${["th", "st", "nd", "rd"][n] ?? "th"}`;

const cures =
  "a lower rate (--set optimizer.baseRate=..), clipping (--set optimizer.clip.kind=adaptive), a longer warm-up, or --freeze-patch";

/** Guards a run against steps that are not finite, as its settings ask. */
export const guard = (options: GuardOptions): Guard => {
  const { run, experiment, session, tracker, runDir, images, engine, threads = availableParallelism(), onEvent } = options;
  const { onNonFinite = "stop", checkpoint, config } = run;
  let last: { readonly fault: Fault; readonly flight: string | null } | undefined;

  const record = async ({ step, hyper, scalars, tensors, views, given }: Fault): Promise<string | null> => {
    const batch = step + batchesPassed(tracker.progress());
    const facts = { step, batch, images, config, engine, threads, machine: machineFacts(), hyper, scalars, nonFinite: tensors };
    try {
      const arrays = { ...viewArrays(experiment, views, 0, experiment.batch), ...given };
      return await saveFlight(runDir, { facts, state: await session.read(), views: arrays });
    } catch (thrown) {
      const error = userErrorOf(thrown);
      if (error === undefined) throw thrown;
      onEvent({ kind: "warning", text: `step ${step + 1} was not finite and could not be recorded: ${error.what}` });
      return null;
    }
  };

  const errorOf = ({ step, tensors }: Fault, flight: string | null, which: string): UserError =>
    userError("non-finite", `training stopped at step ${step + 1}: ${tensors[0] ?? "the loss"} is not finite${which}`, {
      where: flight ?? runDir,
      got: `NaN or infinity in ${tensors.length} of the step's numbers (${tensors.slice(0, 3).join(", ")})`,
      fix: `${flight === null ? "" : `twinview replay ${flight} shows where it began; `}try ${cures}`,
    });

  const skips: Guard["skips"] = async (fault) => {
    const flight = await record(fault);
    last = { fault, flight };
    if (onNonFinite !== "skip" || (tracker.progress().leftOut ?? 0) + 1 >= mostInARow) return false;
    await tracker.leftOut(fault, flight);
    return true;
  };

  const afterEnd: Guard["afterEnd"] = async () => {
    if (last === undefined) throw new Error("guard: the loop did not end at a step that is not finite");
    const { fault, flight } = last;
    const { step, tensors } = fault;
    const stopped = { kind: "non-finite", step, tensors, action: "stop" } as const;
    if (onNonFinite === "roll-back") {
      const to = await rollBack({ runDir, everySteps: checkpoint.everySteps, fault, seconds: tracker.progress().seconds });
      if (to !== undefined) {
        onEvent({ kind: "non-finite", step: to, from: step, tensors, action: "roll-back", flight }); // its record is written from the checkpoint
        return "rolled-back";
      }
      tracker.tell(stopped, flight);
      return errorOf(fault, flight, `, after ${mostInARow} returns to the checkpoint before it`);
    }
    tracker.tell(stopped, flight);
    await tracker.save(step);
    return errorOf(fault, flight, onNonFinite === "skip" ? `, the ${ordinal(mostInARow)} step in a row` : "");
  };

  return { skips, afterEnd };
};
