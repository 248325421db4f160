import { join } from "node:path";
import { failure, type Json, userError } from "@twinview/config";
import type { App } from "./app.ts";
import { storedConfig } from "./same-run.ts";

/** What a run's folder says of the run: its configuration, the app that made it and the data it was trained on. */
export interface StoredRun {
  readonly runDir: string;
  readonly app: App;
  readonly config: Json;
  readonly configPath: string;
  /** The path or name of the data; undefined in a damaged configuration. */
  readonly data: string | undefined;
}

/** The app that made a configuration, which `where` names. Throws a user error where its method is not known. */
export const appOf = (apps: Readonly<Record<string, App>>, config: Json, where: string): App => {
  const { method } = (config ?? {}) as { readonly method?: unknown };
  const app = typeof method === "string" && Object.hasOwn(apps, method) ? apps[method] : undefined;
  if (app !== undefined) return app;
  throw failure(
    userError("config", "config.json names a method this version does not have", {
      where,
      got: JSON.stringify(method),
      expected: `one of ${Object.keys(apps).join(", ")}`,
    }),
  );
};

/** Reads config.json of a run's folder. Throws a user error where there is no run, or one of a method that is not known. */
export const storedRun = async (apps: Readonly<Record<string, App>>, runDir: string): Promise<StoredRun> => {
  const config = await storedConfig(runDir);
  if (config === undefined) {
    throw failure(
      userError("config", "there is no run in this folder", {
        where: runDir,
        expected: "a folder with config.json, as twinview train makes",
        fix: "check the path; runs are in runs/ unless --out said otherwise",
      }),
    );
  }
  const { data } = config as { readonly data?: unknown };
  const configPath = join(runDir, "config.json");
  const app = appOf(apps, config, configPath);
  return { runDir, app, config, configPath, data: typeof data === "string" ? data : undefined };
};
