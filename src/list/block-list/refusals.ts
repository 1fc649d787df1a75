/**
 * What a block list refuses, as errors that name the list, its tag and the block.
 */
import { type ErrorCode, LookasideError, show } from "../../base/index.js";
import { generationOf, HELD, kindOf, SHOWN, subjectOf } from "../../pool/index.js";
import { Block } from "./block.js";
import { generationOfHandle } from "./handle.js";

/** What a message says of a list. */
interface Named {
  readonly name: string;
  readonly tag: string;
  /** Counts the refusal of a misuse, and tells it. */
  refused(code: string, message: string): void;
}

/** Counts a misuse and refuses it. */
function refuse(list: Named, code: ErrorCode, message: string): never {
  list.refused(code, message);
  throw new LookasideError(code, message);
}

/** A list in messages. */
export function titleOf(list: Named): string {
  return `list ${show(list.name)} (tag ${show(list.tag)})`;
}

/** Refuses the use of a list that this thread has left, or that was deleted. */
export function refuseDeleted(list: Named): never {
  throw new LookasideError("ERR_LIST_DELETED", `Cannot use ${titleOf(list)}: it has been deleted`);
}

/** Refuses what is no handle. */
export function refuseHandle(list: Named, value: unknown): never {
  const message = `Cannot use ${show(value)} as a handle of ${titleOf(list)}: it is none`;
  refuse(list, "ERR_ARGUMENT", message);
}

/** Refuses the handle of another list's block. */
export function refuseForeign(list: Named, handle: number): never {
  const message = `Cannot adopt ${handle} in ${titleOf(list)}: it is another list's block`;
  refuse(list, "ERR_FOREIGN_BLOCK", message);
}

/** Refuses an allocation that found no room. */
export function refuseFull(list: Named): never {
  const message = `Cannot allocate from ${titleOf(list)}: the pool has no room`;
  throw new LookasideError("ERR_OUT_OF_MEMORY", message);
}

/** Refuses an adoption that came too late, or too early; `seen` is the state word. */
export function refuseStale(list: Named, handle: number, seen: number): never {
  const isUnshared = kindOf(seen) === HELD && generationOf(seen) === generationOfHandle(handle);
  const why = isUnshared ? "its holder has not shared it" : "the block was freed or adopted since";
  const message = `Cannot adopt ${handle} in ${titleOf(list)}: ${why}`;
  refuse(list, "ERR_STALE_HANDLE", message);
}

/** Whose a block is that a thread held when it was detached. */
const NOBODYS = "it is nobody's since its thread was detached or ended";

function isHeldByOther(seen: number, thread: number): boolean {
  return (kindOf(seen) === HELD || kindOf(seen) === SHOWN) && subjectOf(seen) !== thread;
}

/** Refuses a handle that `thread` does not hold; `seen` is its state word. */
export function refuseHeldHandle(
  list: Named,
  handle: number,
  seen: number,
  thread: number,
  isOurs: boolean,
): never {
  const what = `Cannot use handle ${handle} in ${titleOf(list)}`;
  if (!isOurs && kindOf(seen) >= HELD)
    refuse(list, "ERR_FOREIGN_BLOCK", `${what}: it is no block of it`);
  if (isHeldByOther(seen, thread)) {
    const whose = subjectOf(seen) === 0 ? NOBODYS : `thread ${subjectOf(seen)} holds the block`;
    refuse(list, "ERR_NOT_OWNER", `${what}: ${whose}`);
  }
  refuse(list, "ERR_DOUBLE_FREE", `${what}: the block was freed since`);
}

/** Refuses to free or to share a block that `thread` does not hold; `seen` is its state word. */
export function refuseBlock(
  list: Named,
  block: Block,
  seen: number,
  thread: number,
  what: "free" | "share",
): never {
  const where = `${what === "free" ? "to" : "of"} ${titleOf(list)}`;
  if (!(block instanceof Block) || (block.list as object) !== list) {
    const message = `Cannot ${what} ${show(block)} ${where}: it is no block of it`;
    refuse(list, "ERR_FOREIGN_BLOCK", message);
  }
  const at = `block 0x${block.address.toString(16)}`;
  if (isHeldByOther(seen, thread)) {
    const whose = subjectOf(seen) === 0 ? NOBODYS : `thread ${subjectOf(seen)} has adopted it`;
    refuse(list, "ERR_NOT_OWNER", `Cannot ${what} ${at} ${where}: ${whose}`);
  }
  const message = `Cannot ${what} ${at} ${where}: it is free already`;
  refuse(list, "ERR_DOUBLE_FREE", message);
}
