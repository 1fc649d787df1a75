/**
 * Drivers: a scope that owns lists, so that leaving it with lists in use is found (semantics section 14).
 */
import { LookasideError, show } from "../base/index.js";
import { refuse, text, ulong } from "./arguments.js";
import { activeLists } from "./lookaside.js";
import { bugCheck, machine } from "./machine.js";
import { tagText } from "./pool.js";
import { poolUsage } from "./query.js";
import { BUG_CHECK } from "./raise.js";

/** What a driver left behind. */
export interface UnloadReport {
  /** Descriptors of lists that were initialized and not deleted. */
  readonly lists: readonly number[];
  /** Tags of the driver that still hold blocks. */
  readonly tags: readonly {
    readonly tag: number;
    readonly blocks: number;
    readonly bytes: number;
  }[];
}

/** A loaded driver. */
export interface Driver {
  readonly name: string;
  /**
   * Ends the scope, and reports what was left behind.
   * @throws {BugCheck} in checked mode: 0xC7 for a list left in use, 0xC4 with 0x62 for blocks left held.
   */
  unload(): UnloadReport;
}

/**
 * Loads a driver in this thread: every list that the thread initializes from now on is the driver's.
 * @param tags pool tags of the driver, whose blocks must be freed before it unloads.
 * @throws {LookasideError} ERR_ARGUMENT when a driver is loaded in this thread already.
 */
export function loadDriver(name: string, tags: readonly number[] = []): Driver {
  const here = machine();
  if (here.driver !== null) {
    throw new LookasideError(
      "ERR_ARGUMENT",
      `Cannot load ${show(name)}: another driver is loaded in this thread`,
    );
  }
  const called = text("loadDriver", "name", name);
  if (!Array.isArray(tags)) refuse("loadDriver", "tags", tags, "an array of tags is needed");
  const lists = new Set<number>();
  const before = new Map(tags.map((one) => [ulong("loadDriver", "tags", one), heldUnder(one)]));
  here.driver = { lists };
  return { name: called, unload: () => unload(called, lists, before) };
}

function heldUnder(tag: number): { blocks: number; bytes: number } {
  const { NonPaged, Paged } = poolUsage(tag);
  return { blocks: NonPaged.Diff + Paged.Diff, bytes: NonPaged.Bytes + Paged.Bytes };
}

function unload(
  name: string,
  own: Set<number>,
  before: Map<number, { blocks: number; bytes: number }>,
): UnloadReport {
  const here = machine();
  if (here.driver?.lists === own) here.driver = null; // after a second unload another may be loaded
  const active = new Set(activeLists());
  const lists = [...own].filter((list) => active.has(list));
  const tags = [...before].flatMap(([tag, was]) => {
    const now = heldUnder(tag);
    const left = { tag, blocks: now.blocks - was.blocks, bytes: now.bytes - was.bytes };
    return left.blocks > 0 ? [left] : [];
  });
  const [list] = lists;
  if (here.checked && list !== undefined) {
    const where = lists.map((one) => `0x${one.toString(16)}`).join(", ");
    const message = `Driver ${show(name)} unloaded with lists in use: ${where}`;
    bugCheck(BUG_CHECK.TIMER_OR_DPC_INVALID, [0x4c41, list, lists.length, 0], message);
  }
  const [leak] = tags;
  if (here.checked && leak !== undefined) {
    const message = `Driver ${show(name)} unloaded with ${leak.blocks} blocks of "${tagText(leak.tag)}" held`;
    bugCheck(
      BUG_CHECK.DRIVER_VERIFIER_DETECTED_VIOLATION,
      [0x62, leak.tag, leak.blocks, leak.bytes],
      message,
    );
  }
  return { lists, tags };
}
