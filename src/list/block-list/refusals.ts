/**
 * What a block list refuses, as errors that name the list, its tag and the block.
 */
import { LookasideError, show } from "../../base/index.js";
import { HELD, kindOf, subjectOf } from "../../pool/index.js";
import { Block, type BlockOwner } from "./block.js";

/** A list in messages. */
export function titleOf(list: BlockOwner): string {
  return `list ${show(list.name)} (tag ${show(list.tag)})`;
}

/** Refuses the use of a list that this thread has left, or that was deleted. */
export function refuseDeleted(list: BlockOwner): never {
  throw new LookasideError("ERR_LIST_DELETED", `Cannot use ${titleOf(list)}: it has been deleted`);
}

/** Refuses what is no handle. */
export function refuseHandle(list: BlockOwner, value: unknown): never {
  throw new LookasideError(
    "ERR_ARGUMENT",
    `Cannot adopt ${show(value)} in ${titleOf(list)}: it is no handle`,
  );
}

/** Refuses the handle of another list's block. */
export function refuseForeign(list: BlockOwner, handle: number): never {
  const message = `Cannot adopt ${handle} in ${titleOf(list)}: it is another list's block`;
  throw new LookasideError("ERR_FOREIGN_BLOCK", message);
}

/** Refuses an adoption that came too late. */
export function refuseStale(list: BlockOwner, handle: number): never {
  const message = `Cannot adopt ${handle} in ${titleOf(list)}: the block was freed or adopted since`;
  throw new LookasideError("ERR_STALE_HANDLE", message);
}

/** Refuses a free, or the handle of a block that `thread` does not hold; `seen` is its state word. */
export function refuseFree(list: BlockOwner, block: Block, seen: number, thread: number): never {
  if (!(block instanceof Block) || block.list !== list) {
    const message = `Cannot free ${show(block)} to ${titleOf(list)}: it is no block of it`;
    throw new LookasideError("ERR_FOREIGN_BLOCK", message);
  }
  const at = `block 0x${block.address.toString(16)}`;
  if (block.held !== 0 && kindOf(seen) === HELD && subjectOf(seen) !== thread) {
    const whose =
      subjectOf(seen) === 0
        ? "it is nobody's since this thread was detached"
        : `thread ${subjectOf(seen)} has adopted it`;
    const message = `Cannot free ${at} to ${titleOf(list)}: ${whose}`;
    throw new LookasideError("ERR_NOT_OWNER", message);
  }
  const message = `Cannot free ${at} to ${titleOf(list)}: it is free already`;
  throw new LookasideError("ERR_DOUBLE_FREE", message);
}
