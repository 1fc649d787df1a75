/**
 * Where the repository is. Tests run as compiled files under build/, while data, documents and
 * sources stay where they are written: they are read by path from the root, which is the nearest
 * folder above with a package.json.
 */
import { existsSync } from "node:fs";

function findRoot(from: URL): URL {
  const folder = new URL("./", from);
  if (existsSync(new URL("package.json", folder))) return folder;
  const above = new URL("../", folder);
  if (above.href === folder.href)
    throw new Error("Cannot find the repository: no folder above has a package.json");
  return findRoot(above);
}

/** The root folder; its path ends with a slash, so it is a base for relative URLs. */
export const repositoryRoot: URL = findRoot(new URL(import.meta.url));
