/**
 * The options of `lookaside demo`: default and bound of each, checked here and
 * nowhere else. Their names and help are in the catalog.
 */
import { availableParallelism } from "node:os";
import { bytesOf, LookasideError, POOL_BYTES_MAX } from "../../base/index.js";
import { type Given, quoted } from "../arguments.js";
import { DEMO_THREADS_MAX as THREADS_MAX } from "../catalog.js";
import { UsageError } from "../failure.js";
import { monitorPort } from "./view.js";

/** Least bytes of a pool: one chunk. */
const POOL_BYTES_MIN = 65_536;

/** What a run is asked to do. */
export interface DemoOptions {
  readonly folder: string;
  readonly threads: number;
  /** Where to write the manifest, or null. */
  readonly manifest: string | null;
  readonly json: boolean;
  readonly quiet: boolean;
  /** Whether to compare with other ways from thread to thread. */
  readonly compare: boolean;
  /** Port of the live page, 0 for any that is free, or null for no page. */
  readonly monitor: number | null;
  readonly nonPagedPoolBytes: number;
  readonly pagedPoolBytes: number;
}

/** The options from what the user has given. @throws {UsageError} */
export function demoOptions(given: Given): DemoOptions {
  return {
    folder: given.operand ?? "node_modules",
    threads: threadsOf(given.value("threads")),
    manifest: given.value("manifest") ?? null,
    json: given.has("json"),
    quiet: given.has("quiet"),
    compare: given.has("compare"),
    monitor: monitorPort(given.value("monitor")),
    nonPagedPoolBytes: poolBytes("--nonpaged", given.value("nonpaged") ?? "16 MiB"),
    pagedPoolBytes: poolBytes("--paged", given.value("paged") ?? "32 MiB"),
  };
}

function threadsOf(text: string | undefined): number {
  if (text === undefined) return Math.min(THREADS_MAX, Math.max(2, availableParallelism()));
  const threads = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (threads >= 1 && threads <= THREADS_MAX) return threads;
  throw new UsageError(
    `--threads must be a whole number from 1 to ${THREADS_MAX}, not ${quoted(text)}`,
  );
}

function poolBytes(option: string, text: string): number {
  try {
    const value = /^\d+$/.test(text) ? Number(text) : text;
    return bytesOf(option, value, POOL_BYTES_MIN, POOL_BYTES_MAX);
  } catch (error) {
    if (!(error instanceof LookasideError)) throw error;
    const bounds = `from ${POOL_BYTES_MIN} to ${POOL_BYTES_MAX} bytes`;
    throw new UsageError(
      `${option} must be bytes or text such as "64 MiB", ${bounds}, not ${quoted(text)}`,
    );
  }
}
