#!/usr/bin/env node
import { runCommand } from "./cli.ts";

process.exitCode = await runCommand(
  {
    out: (text) => process.stdout.write(text),
    error: (text) => process.stderr.write(text),
    ...(process.stdout.isTTY === true ? { clearLine: () => process.stdout.write("\r\u001b[2K") } : {}),
  },
  process.argv.slice(2),
);
