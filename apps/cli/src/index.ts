export { runCommand } from "./cli.ts";
export type { Terminal } from "./output.ts";
export { program } from "./program.ts";
