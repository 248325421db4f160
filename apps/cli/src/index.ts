export { runCommand } from "./cli.ts";
export type { Terminal } from "./output.ts";
