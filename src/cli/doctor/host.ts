/**
 * The runtime and the machine: versions, cores, limits of memory.
 */
import { readFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { getHeapStatistics } from "node:v8";
import { type Finding, fact, needed } from "./finding.js";

interface PackageFacts {
  readonly version: string;
  readonly engines: { readonly node: string };
}

/** What package.json says. Compiled to dist/cli/doctor/host.js, three folders below the package. */
export function packageFacts(): PackageFacts {
  const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  return JSON.parse(text) as PackageFacts;
}

/** Whether version numbers such as `20.19.1` reach a least one such as `>=20.19`. */
export function reaches(version: string, least: string): boolean {
  const numbers = (text: string): number[] => (text.match(/\d+/g) ?? []).map(Number);
  const wanted = numbers(least);
  const has = numbers(version);
  for (const [at, number] of wanted.entries()) {
    if (has[at] !== number) return (has[at] ?? 0) > number;
  }
  return true;
}

/** Name and version of the runtime. */
export function runtimeName(): string {
  const { bun, deno, node } = process.versions;
  if (bun !== undefined) return `Bun ${bun}`;
  if (deno !== undefined) return `Deno ${deno}`;
  return `Node.js ${node}`;
}

function runtime(): Finding {
  const { bun, deno, node, v8 } = process.versions;
  const value = `${runtimeName()}, V8 ${v8 ?? "none"}, ${process.platform} ${process.arch}`;
  if (bun !== undefined || deno !== undefined) {
    return fact("Runtime", value, `it behaves as Node.js ${node}; the findings below decide`);
  }
  const least = packageFacts().engines.node;
  return needed("Runtime", reaches(node, least), value, `the library needs Node.js ${least}`);
}

const mebibytes = (bytes: number): string => `${Math.floor(bytes / 2 ** 20)} MiB`;

/** What this process may use: less than the machine has, in a container. */
function memoryLimits(): Finding {
  const total = totalmem();
  const allowed = process.constrainedMemory?.() ?? 0;
  // A process without a bound is told 0, or a number that no machine has.
  const bound =
    allowed > 0 && allowed < total ? `, this process may use ${mebibytes(allowed)}` : "";
  const free = process.availableMemory?.();
  const now = free === undefined ? "" : `, ${mebibytes(free)} available now`;
  return fact(
    "Memory",
    `${mebibytes(total)}${bound}${now}`,
    "limits of pools should stay below it: shared memory grows on demand and is never given back",
  );
}

/** Facts of the host. */
export function hostFindings(): Finding[] {
  const cores = availableParallelism();
  return [
    runtime(),
    fact(
      "Cores",
      String(cores),
      cores === 1 ? "worker threads take turns on it" : "as many worker threads run at once",
    ),
    memoryLimits(),
    fact(
      "JavaScript heap",
      `up to ${mebibytes(getHeapStatistics().heap_size_limit)}`,
      "shared memory does not count as heap: --max-old-space-size neither bounds it nor helps it",
    ),
  ];
}
