import { defineConfig } from "vitest/config";

// Tests are compiled by `tsc -b` with the code and run as compiled: what is tested is what is shipped.
const common = { exclude: ["**/node_modules/**"], testTimeout: 60_000, hookTimeout: 60_000, pool: "forks" as const };
const compiled = (suffix: string) => ["packages", "apps", "tooling", "test"].map((top) => `${top}/**/dist/**/*.${suffix}.js`);

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      { test: { ...common, name: "fast", include: compiled("test") } },
      { test: { ...common, name: "long", include: compiled("long"), testTimeout: 900_000, hookTimeout: 900_000, fileParallelism: false } },
    ],
  },
});
