/**
 * What an object list is made with, and what it tells of itself.
 */
import { LookasideError, onlyKnown, show } from "../base/index.js";
import type { DepthPolicyOption } from "./depth/index.js";

/** Most objects that a list may park. */
export const OBJECT_DEPTH_MAX = 2 ** 24;

/** What an object list is made with. */
export interface ObjectListOptions<Item extends object> {
  /** One to four printable characters that reports name it by. */
  readonly tag: string;
  /** Makes an object: called on a miss. */
  readonly create: () => Item;
  /**
   * Makes a freed object fit to be used again: called before it is parked, so that it holds on to nothing.
   */
  readonly reset?: (item: Item) => void;
  /** Called with an object that the list gives up: depth was reached, or it was trimmed. */
  readonly destroy?: (item: Item) => void;
  /** How depth is set as the list is used: see {@link DepthPolicyOption}. Default "idle". */
  readonly policy?: DepthPolicyOption;
  /**
   * Objects that may be parked at first: 0 to maximumDepth. The policy goes on from there. Default: 4, or
   * what the policy says is the least; with "fixed" maximumDepth.
   */
  readonly depth?: number;
  /** Ceiling of depth: 0 to 16,777,216 objects. Default 256. */
  readonly maximumDepth?: number;
  /**
   * Bytes that one object costs to keep, about: 1 to 16,777,216. What it counts for in a system's budget,
   * and how long it may stay idle. Default 128.
   */
  readonly bytes?: number;
  /** Objects that may be held at a time: allocate gives back null above it. Default: no limit. */
  readonly limit?: number;
}

/** What an object list did and has: the same words as for block lists. */
export interface ObjectListStatistics {
  readonly tag: string;
  readonly allocates: number;
  readonly allocateMisses: number;
  readonly frees: number;
  readonly freeMisses: number;
  readonly held: number;
  readonly parked: number;
  /** Objects made ahead of need; parked ones given up otherwise than by an allocation. */
  readonly reserved: number;
  readonly trimmed: number;
  /** Bytes that one object costs to keep, as the option says. */
  readonly bytes: number;
  /** Who sets depth: "idle", "windows", "fixed", or "own" for a function. */
  readonly policy: string;
  readonly depth: number;
  readonly maximumDepth: number;
}

const OBJECT_LIST_OPTIONS = [
  "tag",
  "create",
  "reset",
  "destroy",
  "policy",
  "depth",
  "maximumDepth",
  "bytes",
  "limit",
];

function demandFunction(name: string, value: unknown, maybeAbsent: boolean): void {
  if (typeof value === "function" || (maybeAbsent && value === undefined)) return;
  throw new LookasideError(
    "ERR_OPTION",
    `Cannot use ${show(value)} as ${name}: it must be a function`,
  );
}

/** Demands a tag, and functions where functions are needed. @throws {LookasideError} ERR_OPTION */
export function demandCallbacks<Item extends object>(options: ObjectListOptions<Item>): void {
  if (typeof options?.tag !== "string" || !/^[ -~]{1,4}$/.test(options.tag)) {
    const message = `Cannot use ${show(options?.tag)} as tag: one to four printable characters are needed`;
    throw new LookasideError("ERR_OPTION", message);
  }
  onlyKnown("an object list", options, OBJECT_LIST_OPTIONS);
  demandFunction("create", options.create, false);
  demandFunction("reset", options.reset, true);
  demandFunction("destroy", options.destroy, true);
}
