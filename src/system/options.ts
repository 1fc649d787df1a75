/**
 * Options of a system: unit, default and bound of each, validated here and nowhere else.
 */
import {
  type ByteSize,
  bytesOf,
  CHUNK_BYTES,
  LookasideError,
  onlyKnown,
  POOL_BYTES_MAX,
  show,
  THREADS_DEFAULT,
  THREADS_MAX,
  wholeNumber,
} from "../base/index.js";
import { WINDOWS_DEPTH, type WindowsDepthConstants } from "../list/index.js";
import { NO_QUOTA_LIMIT } from "../pool/index.js";
import { enterHost, hostLocks, type LockManagerLike, UNKNOWN_HOST } from "../threads/index.js";

/** How the depths of documented lists are tuned. */
export interface DepthTuning extends Partial<WindowsDepthConstants> {
  /** Milliseconds between visits of the balance set manager: 0 (no timer) to 3,600,000. Default 1,000. */
  readonly periodMs?: number;
  /** Visits from one adjustment of a list to the next: 1 to 1,000. Default 1. */
  readonly scansPerAdjustment?: number;
}

/** What a thread attaches with: its own affair, other threads may choose otherwise. */
export interface AttachOptions {
  /**
   * Lock manager that proves this thread's end to others, and others' ends to it; null for none. Default:
   * `navigator.locks` in hosts whose workers tell no end (browsers), none in Node and its kin.
   */
  readonly locks?: LockManagerLike | null;
}

/** What a system is made with. */
export interface SystemOptions extends AttachOptions {
  /**
   * Limit of the nonpaged pool: bytes, or text such as "64 MiB"; whole chunks of 64 KiB. Default 64 MiB.
   */
  readonly nonPaged?: ByteSize;
  /** Limit of the paged pool, likewise. Default 16 MiB. */
  readonly paged?: ByteSize;
  /** Threads that can be attached at a time: 1 to 255. Each costs 64 KiB of address space. Default 64. */
  readonly threads?: number;
  /** Bytes each thread may hold through allocations that charge its quota. Default: no limit. */
  readonly quota?: { readonly nonPaged?: ByteSize; readonly paged?: ByteSize };
  /**
   * Budget of what block and object lists may park together: bytes, or text such as "16 MiB". A list's
   * depth grows only within it, depth times size. Default: a quarter of both pools.
   */
  readonly parkedBytes?: ByteSize;
  /** Depth tuning of documented lists; its period is that of all lists. */
  readonly depth?: DepthTuning;
}

/** The same, checked and complete. */
export interface CompleteOptions {
  readonly nonPagedChunks: number;
  readonly pagedChunks: number;
  readonly threads: number;
  /** Budget of parked bytes, in KiB. */
  readonly parkedKib: number;
  readonly quotaBytes: readonly [number, number];
  readonly periodMs: number;
  readonly scansPerAdjustment: number;
  readonly depth: WindowsDepthConstants;
}

const SYSTEM_OPTIONS = ["nonPaged", "paged", "threads", "quota", "parkedBytes", "depth", "locks"];
const ATTACH_OPTIONS = ["locks"];
const QUOTA_OPTIONS = ["nonPaged", "paged"];
const DEPTH_OPTIONS = ["periodMs", "scansPerAdjustment", ...Object.keys(WINDOWS_DEPTH)];

/** Both pools together. */
const PARKED_BYTES_MAX = 2 * POOL_BYTES_MAX;

const UNLIMITED = NO_QUOTA_LIMIT;

function objectOf(name: string, value: unknown): Record<string, unknown> {
  if (value === undefined) return {};
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new LookasideError(
    "ERR_OPTION",
    `Cannot use ${show(value)} as ${name}: it must be an object`,
  );
}

function chunksOf(name: string, value: unknown): number {
  return Math.ceil(bytesOf(name, value, CHUNK_BYTES, POOL_BYTES_MAX) / CHUNK_BYTES);
}

/**
 * Checks the options of a thread that attaches. Gives back its lock manager, or null.
 * @throws {LookasideError} ERR_OPTION
 */
export function completeAttachOptions(options: AttachOptions = {}): LockManagerLike | null {
  onlyKnown("an attaching thread", objectOf("the options", options), ATTACH_OPTIONS);
  return locksOf(options.locks);
}

/** The lock manager of an option, or the host's where nothing else proves the end of a thread. */
export function locksOf(locks: LockManagerLike | null | undefined): LockManagerLike | null {
  if (locks === undefined) return enterHost().host === UNKNOWN_HOST ? hostLocks() : null;
  if (locks === null || typeof locks.request === "function") return locks;
  const message = `Cannot use ${show(locks)} as locks: it must be a lock manager or null`;
  throw new LookasideError("ERR_OPTION", message);
}

/**
 * Checks the options of a system.
 * @throws {LookasideError} ERR_OPTION, naming the option, the value and the bound.
 */
export function completeOptions(options: SystemOptions = {}): CompleteOptions {
  onlyKnown("a system", objectOf("the options", options), SYSTEM_OPTIONS);
  onlyKnown("the quota of a system", objectOf("quota", options.quota), QUOTA_OPTIONS);
  const depth = objectOf("depth", options.depth) as DepthTuning;
  onlyKnown("the depth of a system", depth, DEPTH_OPTIONS);
  const quota = options.quota ?? {};
  const nonPagedChunks = chunksOf("nonPaged", options.nonPaged ?? "64 MiB");
  const pagedChunks = chunksOf("paged", options.paged ?? "16 MiB");
  const quarter = ((nonPagedChunks + pagedChunks) * CHUNK_BYTES) / 4;
  const parkedBytes = bytesOf("parkedBytes", options.parkedBytes ?? quarter, 0, PARKED_BYTES_MAX);
  return {
    nonPagedChunks,
    pagedChunks,
    parkedKib: Math.floor(parkedBytes / 1_024),
    threads: wholeNumber("threads", options.threads ?? THREADS_DEFAULT, 1, THREADS_MAX),
    quotaBytes: [
      bytesOf("quota.nonPaged", quota.nonPaged ?? UNLIMITED, 0, UNLIMITED),
      bytesOf("quota.paged", quota.paged ?? UNLIMITED, 0, UNLIMITED),
    ],
    periodMs: wholeNumber("depth.periodMs", depth.periodMs ?? 1_000, 0, 3_600_000),
    scansPerAdjustment: wholeNumber(
      "depth.scansPerAdjustment",
      depth.scansPerAdjustment ?? 1,
      1,
      1_000,
    ),
    depth: {
      allocationThreshold: wholeNumber(
        "depth.allocationThreshold",
        depth.allocationThreshold ?? WINDOWS_DEPTH.allocationThreshold,
        1,
        1_000_000,
      ),
      lowUseStep: wholeNumber(
        "depth.lowUseStep",
        depth.lowUseStep ?? WINDOWS_DEPTH.lowUseStep,
        0,
        0xffff,
      ),
      lowMissPerMille: wholeNumber(
        "depth.lowMissPerMille",
        depth.lowMissPerMille ?? WINDOWS_DEPTH.lowMissPerMille,
        0,
        1_000,
      ),
      growthStep: wholeNumber(
        "depth.growthStep",
        depth.growthStep ?? WINDOWS_DEPTH.growthStep,
        0,
        0xffff,
      ),
      minimumDepth: wholeNumber(
        "depth.minimumDepth",
        depth.minimumDepth ?? WINDOWS_DEPTH.minimumDepth,
        0,
        0xffff,
      ),
    },
  };
}
