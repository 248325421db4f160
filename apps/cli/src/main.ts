#!/usr/bin/env node
import { runCommand } from "./cli.ts";

// what cannot be printed (the reader has gone, the disk of a log is full) must not end a run
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

process.exitCode = await runCommand(
  {
    out: (text) => process.stdout.write(text),
    error: (text) => process.stderr.write(text),
    ...(process.stdout.isTTY === true ? { clearLine: () => process.stdout.write("\r\u001b[2K") } : {}),
  },
  process.argv.slice(2),
);
