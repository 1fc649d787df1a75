/**
 * The options of `lookaside demo`: unit, default and bound of each, checked here and nowhere else.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { bytesOf, LookasideError, POOL_BYTES_MAX } from "../../base/index.js";
import { UsageError } from "../failure.js";

/** Most hashing threads. */
const THREADS_MAX = 64;

/** Rounds of a comparison: odd, so that one of them is the middle one. */
export const ROUNDS = 3;

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
  readonly nonPagedPoolBytes: number;
  readonly pagedPoolBytes: number;
}

/** The text of `lookaside demo --help`. */
export const HELP = `Usage: lookaside demo [options] [folder]

Hashes every file under the folder (default: node_modules) with SHA-256. Files are read straight
into blocks of shared memory; each block goes through a channel to a worker thread by its handle,
is hashed there and freed there. At the end: files, bytes, seconds and MB/s, and the report of
every list, channel and pool tag.

Options:
  --threads N      hashing threads, 1 to ${THREADS_MAX} (default: one for each core, at least 2)
  --manifest FILE  write what "sha256sum -c FILE", run in the folder, checks; sorted by path
  --compare        hash the same files again, ${ROUNDS} rounds with the blocks, with postMessage of copies
                   and with postMessage of transferred buffers, and print the three side by side
  --json           print the final report as one JSON object
  --nonpaged SIZE  limit of the nonpaged pool, such as "8 MiB" or 1MiB (default: 16 MiB)
  --paged SIZE     limit of the paged pool (default: 32 MiB)
  --quiet          no progress; of what is skipped, only errors are told
  -h, --help       show this help

Symbolic links, named pipes, sockets, devices and the manifest itself are skipped, each with a
line. A file that cannot be read or that changes while it is read is skipped for an error: it is
not in the manifest. Ctrl-C ends the run with a partial report and writes no manifest; a second
one ends it at once.

Exit code: 0 all files were hashed, 1 something was skipped for an error or the run failed,
2 wrong usage, 130 Ctrl-C.`;

/** Gives back the options, or "help". @throws {UsageError} */
export function parseDemoOptions(args: readonly string[]): DemoOptions | "help" {
  const { values, positionals } = parse(args);
  if (values.help === true) return "help";
  if (positionals.length > 1)
    throw new UsageError(`one folder at most, not ${positionals.map(quoted).join(" and ")}`);
  const folder = positionals[0] ?? "node_modules";
  if (folder === "") throw new UsageError("the folder has an empty name");
  if (values.manifest === "") throw new UsageError("the manifest has an empty name");
  return {
    folder,
    threads: threadsOf(values.threads),
    manifest: values.manifest ?? null,
    json: values.json === true,
    quiet: values.quiet === true,
    compare: values.compare === true,
    nonPagedPoolBytes: poolBytes("--nonpaged", values.nonpaged ?? "16 MiB"),
    pagedPoolBytes: poolBytes("--paged", values.paged ?? "32 MiB"),
  };
}

const quoted = (text: string): string => JSON.stringify(text);

const OPTIONS = {
  threads: { type: "string" },
  manifest: { type: "string" },
  json: { type: "boolean" },
  nonpaged: { type: "string" },
  paged: { type: "string" },
  quiet: { type: "boolean" },
  compare: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    // The sentences of parseArgs are meant for users; some have two lines.
    const message = (error as Error).message.split("\n")[0] ?? "";
    throw new UsageError(message.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase()));
  }
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
