/**
 * The real packages that the adapters are tested against. They are installed by the first test run that needs
 * them, into this folder, and are never dependencies of the library.
 */
import { execFileSync } from "node:child_process";
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
  if (existsSync(new URL("node_modules", folder))) return false;
  try {
    execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
      timeout: 120_000,
    });
    return false;
  } catch {
    return "the packages of tests/metrics/package.json could not be installed: is there a network?";
  }
}

/** One of them. */
export function realPackage<Module>(name: string): Module {
  return require(name) as Module;
}
