/**
 * The machine and the versions that numbers belong to.
 */
import { existsSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { nativeVersions } from "./contenders/native.js";

const folder = new URL("../../bench/", import.meta.url);

/** The version in a package.json, by its path from the bench's folder. */
function versionIn(path: string): string {
  const file = new URL(path, folder);
  if (!existsSync(file)) return "not installed";
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
  return version;
}

/** One line of the machine, one of the versions. */
export function machineLines(): string {
  const [cpu] = cpus();
  const model = cpu?.model.trim() ?? "unknown";
  const versions = [
    `Node ${process.version}`,
    `V8 ${process.versions.v8}`,
    `lookaside ${versionIn("../package.json")}`,
    ...["@thi.ng/malloc", "reusify"].map(
      (rival) => `${rival} ${versionIn(`node_modules/${rival}/package.json`)}`,
    ),
    ...nativeVersions(),
  ];
  return `${model}, ${cpus().length} cores, ${process.platform}\n${versions.join(", ")}`;
}
