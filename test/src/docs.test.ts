import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkedCommands, documentedCommands } from "./documented-commands.ts";
import { root } from "./source-tree.ts";

describe("the documentation", () => {
  it("has no command that nothing runs and nothing excuses, and the table of them no stale row", () => {
    const documented = documentedCommands();
    const missing = documented.filter(({ command }) => !Object.hasOwn(checkedCommands, command));
    expect(missing.map(({ file, command }) => `${file}: "${command}" has no row in test/src/documented-commands.ts`)).toEqual([]);
    const known = documented.map(({ command }) => command);
    expect(Object.keys(checkedCommands).filter((command) => !known.includes(command))).toEqual([]);
  });

  it.each([
    { page: "README.md", example: "ten-lines" },
    ...["moco-v3", "simclr", "byol", "swav"].map((method) => ({ page: `docs/methods/${method}.md`, example: method })),
  ])("quotes docs/examples/$example.mjs word for word in $page", ({ page, example }) => {
    const program = readFileSync(join(root, `docs/examples/${example}.mjs`), "utf8");
    expect(readFileSync(join(root, page), "utf8").includes(`\`\`\`js\n${program}\`\`\`\n`)).toBe(true);
  });
});
