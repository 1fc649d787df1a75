/**
 * Rivals from the registry, out of this folder's own package: present only when they were installed.
 */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { NotRun } from "../harness.js";

const here = createRequire(new URL("../../../bench/package.json", import.meta.url));

/** The module of a rival, or null when it is not installed. */
export async function rival<Module>(name: string): Promise<Module | null> {
  try {
    return (await import(pathToFileURL(here.resolve(name)).href)) as Module;
  } catch {
    return null;
  }
}

/** A rival that is not there. */
export function notInstalled(name: string): NotRun {
  return { name, notRun: "not installed: npm ci --prefix bench" };
}
