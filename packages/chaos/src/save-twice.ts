// Saves two checkpoints in the folder of the first argument: the program that flushed.ts traces.
import { saveCheckpoint } from "@twinview/checkpoint";
import { unwrap } from "@twinview/config";
import { madeContent } from "./made-checkpoint.ts";

for (const step of [1, 2]) await unwrap(saveCheckpoint({ runDir: process.argv[2] as string, ...madeContent(step, 5000) }));
