/**
 * Puts the runtimes into this folder's own `node_modules`, as its lock file says: the library's own
 * dependencies stay what they are.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { repositoryRoot } from "../../tests/support/repository.js";

/** Where `package.json` and the installed runtimes lie. */
export const runtimesFolder: URL = new URL("tools/runtimes/", repositoryRoot);

/** The path of an installed file, or why there is none. */
export type Installed = { readonly path: string } | { readonly reason: string };

let tried: string | undefined;

/**
 * Finds a file of an installed package; installs all of them when it is missing. Tries once in a run.
 * @param group "browser" is the driver of the browser alone, "all" the binaries too
 */
export function installed(file: string, group: "browser" | "all"): Installed {
  const path = fileURLToPath(new URL(`node_modules/${file}`, runtimesFolder));
  if (existsSync(path)) return { path };
  tried ??= install(group);
  return existsSync(path) ? { path } : { reason: tried || `${file} is not made for this machine` };
}

/** Gives back why it failed, or nothing. Scripts of packages are not run: the binaries need none. */
function install(group: "browser" | "all"): string {
  console.error(`Installing the runtimes into tools/runtimes (${group})`);
  const omit = group === "browser" ? ["--omit=optional"] : [];
  const args = ["ci", "--ignore-scripts", "--no-fund", "--no-audit", ...omit];
  const { status, error } = spawnSync("npm", args, {
    cwd: fileURLToPath(runtimesFolder),
    stdio: ["ignore", "ignore", "inherit"],
    timeout: 600_000,
  });
  if (error !== undefined) return `npm could not be run: ${error.message}`;
  return status === 0 ? "" : "npm ci failed in tools/runtimes";
}
