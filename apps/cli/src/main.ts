#!/usr/bin/env node
import { runCommand } from "./cli.ts";

process.exitCode = await runCommand(
  {
    out: (text) => process.stdout.write(text),
    error: (text) => process.stderr.write(text),
    isTty: process.stdout.isTTY === true,
  },
  process.argv.slice(2),
);
