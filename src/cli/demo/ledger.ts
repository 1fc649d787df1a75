/**
 * What has become of every file of a run: hashed, or skipped for a reason.
 */
import { showPath } from "./path-text.js";

/** Why something is not hashed. Only "error" makes the run a failure. */
export type SkipKind = "link" | "special" | "manifest" | "error";

/** One thing that was not hashed. */
export interface Skip {
  /** Relative to the folder, as bytes. */
  readonly path: Uint8Array;
  readonly kind: SkipKind;
  readonly reason: string;
}

/** The ledger of one run. */
export class Ledger {
  /** Files whose digest is known. */
  files = 0;
  /** Bytes of those files. */
  bytes = 0;
  /** Bytes that were read and handed over so far: ahead of `bytes`, for the bar. */
  bytesRead = 0;
  /** How often a block was asked for and the pool had none. */
  waits = 0;
  /** By the number of the file: its digest in hexadecimal. */
  readonly digests: (string | undefined)[] = [];
  readonly skipped: Skip[] = [];
  /** Numbers of files that were skipped. */
  readonly #failed = new Set<number>();
  readonly #announce: (skip: Skip) => void;

  constructor(announce: (skip: Skip) => void) {
    this.#announce = announce;
  }

  /** Notes what is not hashed, and says so at once. */
  skip(path: Uint8Array, kind: SkipKind, reason: string): void {
    const skip = { path, kind, reason };
    this.skipped.push(skip);
    this.#announce(skip);
  }

  /** Notes a file that cannot be hashed. */
  fail(file: number, path: Uint8Array, reason: string): void {
    this.#failed.add(file);
    this.skip(path, "error", reason);
  }

  /** Whether a file's digest, or why it has none, is known. */
  isSettled(file: number): boolean {
    return this.digests[file] !== undefined || this.#failed.has(file);
  }

  /** Notes digests that came back. */
  hashed(files: readonly number[], digests: readonly string[], bytes: number): void {
    files.forEach((file, at) => {
      this.digests[file] = digests[at];
    });
    this.files += files.length;
    this.bytes += bytes;
  }

  /** How many things of a kind were skipped. */
  count(kind: SkipKind): number {
    return this.skipped.reduce((count, skip) => count + (skip.kind === kind ? 1 : 0), 0);
  }
}

/** The line that says it. */
export function skipLine(skip: Skip): string {
  return `Skipped ${showPath(skip.path.length === 0 ? Buffer.from(".") : skip.path)}: ${skip.reason}`;
}
