/**
 * Drivers: a scope that owns lists, so that leaving it with lists in use is found (semantics section 14).
 */
import { LookasideError, show } from "../base/index.js";
import { refuse, text, ulong } from "./arguments.js";
import { activeLists } from "./lookaside.js";
import { bugCheck, machine } from "./machine.js";
import { poolUsage } from "./query.js";
import { BUG_CHECK } from "./raise.js";
import { tag, tagText } from "./tag.js";

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
   * Ends the scope, and reports what was left behind: in the thread that loaded the driver, at any IRQL. It
   * looks at every list in use and every tag of the driver. A list is told by its address alone: one that
   * another thread deleted, and made anew in the same place, is still the driver's.
   * @throws {BugCheck} in checked mode, in which the scope has ended all the same: 0xC7 for lists left in use
   * (0x4C41, the first of them, how many), 0xC4 for blocks left held (0x62, the first four characters of the
   * driver's name as of a tag, 0, how many).
   * @throws {LookasideError} ERR_NOT_ATTACHED
   */
  unload(): UnloadReport;
}

/**
 * Loads a driver in this thread: every list that the thread initializes from now on is the driver's.
 * @param tags pool tags of the driver, whose blocks must be freed before it unloads.
 * @throws {LookasideError} ERR_ARGUMENT when a driver is loaded in this thread already, or an argument is of
 * the wrong type; ERR_NOT_ATTACHED. Any IRQL.
 *
 * @example
 * ```ts
 * boot();
 * const driver = loadDriver("echo.sys", [tag("Echo")]);
 * const list = ExAllocatePoolWithTag(NonPagedPool, SIZEOF_LOOKASIDE_LIST_EX, tag("Echo"));
 * ExInitializeLookasideListEx(list, NULL, NULL, PagedPool, 0, 64, tag("Echo"), 0);
 * const { lists, tags } = driver.unload();
 * console.log(lists[0] === list); // true: it was not deleted
 * console.log(tags[0]?.blocks); // 1: the memory of its descriptor
 * shutdown();
 * ```
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
  made: Set<number>,
  before: Map<number, { blocks: number; bytes: number }>,
): UnloadReport {
  const here = machine();
  if (here.driver?.lists === made) here.driver = null; // after a second unload another may be loaded
  const active = new Set(activeLists());
  const lists = [...made].filter((list) => active.has(list));
  const tags = [...before].flatMap(([own, was]) => {
    const now = heldUnder(own);
    const left = { tag: own, blocks: now.blocks - was.blocks, bytes: now.bytes - was.bytes };
    return left.blocks > 0 ? [left] : [];
  });
  const [list] = lists;
  if (here.checked && list !== undefined) {
    const where = lists.map((one) => `0x${one.toString(16)}`).join(", ");
    const message = `Driver ${show(name)} unloaded with lists in use: ${where}`;
    bugCheck(BUG_CHECK.TIMER_OR_DPC_INVALID, [0x4c41, list, lists.length, 0], message);
  }
  if (here.checked && tags.length > 0) {
    const blocks = tags.reduce((sum, leak) => sum + leak.blocks, 0);
    const which = tags.map(
      (leak) => `${leak.blocks} of "${tagText(leak.tag)}" (${leak.bytes} bytes)`,
    );
    const message = `Driver ${show(name)} unloaded with ${blocks} blocks held: ${which.join(", ")}`;
    const { DRIVER_VERIFIER_DETECTED_VIOLATION } = BUG_CHECK;
    bugCheck(DRIVER_VERIFIER_DETECTED_VIOLATION, [0x62, tag(name), 0, blocks], message);
  }
  return { lists, tags };
}
