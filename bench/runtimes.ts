/**
 * Other versions of Node that the benches can run under: out of a package of their own, bench/runtimes.
 */
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../bench/runtimes/node_modules/", import.meta.url));

/** Major versions that are installed, newest first. */
function installed(): number[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name) => /^node-(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .filter((major) => existsSync(binaryOf(major)))
    .sort((one, other) => other - one);
}

function binaryOf(major: number): string {
  return `${folder}node-${major}/bin/node`;
}

/**
 * The binary that `--node` means: "newest", a major version, or a path. Throws, with what to do, when
 * there is none.
 */
export function runtimeOf(wanted: string): string {
  const majors = installed();
  const major = wanted === "newest" ? majors[0] : Number(wanted);
  if (major !== undefined && majors.includes(major)) return binaryOf(major);
  if (wanted !== "newest" && !/^\d+$/.test(wanted) && existsSync(wanted)) return wanted;
  throw new Error(
    `There is no Node "${wanted}": installed are ${majors.join(", ") || "none"}. ` +
      "npm ci --prefix bench/runtimes installs them (Linux on x64)",
  );
}
