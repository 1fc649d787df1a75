/**
 * The real packages that the adapters are tested against: dependencies of this folder's own package.json, and
 * never of the library. `npm run test:metrics` installs them and runs what needs them.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { repositoryRoot } from "../support/repository.js";

const folder = new URL("tests/metrics/", repositoryRoot);
const require = createRequire(new URL("package.json", folder));

/** Path of this folder in the sources, where `node_modules` is. */
export const packagesFolder = fileURLToPath(folder);

/** Why the packages cannot be used, or false: what `skip` of a test takes. */
export function whyNoPackages(): string | false {
  if (existsSync(new URL("node_modules/.package-lock.json", folder))) return false;
  return "not run: not installed; npm run test:metrics installs the packages of tests/metrics";
}

/** One of them. */
export function realPackage<Module>(name: string): Module {
  return require(name) as Module;
}
