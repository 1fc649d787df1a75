/**
 * Checked mode of sequenced lists: headers and entries lie in held blocks, out of the descriptors of
 * lookaside lists, and no entry is pushed twice.
 *
 * Nobody keeps a set of sequenced lists, so what is known of one is its chain, and what the pool knows of the
 * memory below it. Operations run one at a time, under the set lock: no chain changes while it is followed.
 * An entry that is on another sequenced list cannot be told from any other held memory.
 */
import { listWithin, withListSets } from "../list/index.js";
import { isOnChain, VERIFIER_RULE } from "./checked-lookaside.js";
import { SLIST_HEADER_SIZE } from "./constants.js";
import { rethrowFault } from "./fault.js";
import { bugCheck, type Machine } from "./machine.js";
import { BUG_CHECK } from "./raise.js";

const LINK_BYTES = 8;

function report(head: number, address: number, message: string): never {
  const parameters = [VERIFIER_RULE.SLIST_MISPLACED, head, address, 0] as const;
  bugCheck(BUG_CHECK.DRIVER_VERIFIER_DETECTED_VIOLATION, parameters, message);
}

/** Whether bytes lie in one block that is held, and not parked in a lookaside list. */
function isHeld(here: Machine, address: number, bytes: number): boolean {
  const block = here.pool.blockAround(address);
  return block !== null && !block.parked && address + bytes <= block.address + block.bytes;
}

/** Whether bytes are of the descriptor of an active lookaside list. Under the set lock. */
function isOfLookasideList({ region }: Machine, address: number, bytes: number): boolean {
  return listWithin(region, address, bytes) !== undefined;
}

/** Demands what a sequenced list may be made of. Under the set lock. @throws {BugCheck} 0xC4 */
function demandPlace(
  here: Machine,
  routine: string,
  head: number,
  address: number,
  bytes: number,
): void {
  const what = `${routine} cannot use 0x${address.toString(16)}`;
  if (!isHeld(here, address, bytes)) report(head, address, `${what}: no held block is there`);
  if (isOfLookasideList(here, address, bytes)) {
    report(head, address, `${what}: it is of an active lookaside list`);
  }
}

/** Demands a header that only this call changes, and whose first entry is still held. Under the set lock. */
function demandList(here: Machine, routine: string, head: number): void {
  demandPlace(here, routine, head, head, SLIST_HEADER_SIZE);
  const first = here.region.interlocked.first(head) >>> 0;
  if (first !== 0) demandPlace(here, routine, head, first, LINK_BYTES);
}

/** Reports a header that is no held memory: for looks that change nothing. @throws {BugCheck} 0xC4 */
export function checkLook(here: Machine, routine: string, head: number): void {
  if (isHeld(here, head, SLIST_HEADER_SIZE)) return;
  report(head, head, `${routine} cannot look at 0x${head.toString(16)}: no held block is there`);
}

/** InitializeSListHead. @throws {BugCheck} 0xC4 */
export function checkedInitialize(here: Machine, routine: string, head: number): void {
  const { region, thread } = here.system;
  withListSets(region, thread, () => {
    demandPlace(here, routine, head, head, SLIST_HEADER_SIZE);
    region.interlocked.initialize(head);
  });
}

/** Push. @throws {BugCheck} 0xC4 */
export function checkedPush(here: Machine, routine: string, head: number, entry: number): number {
  const { region, thread } = here.system;
  return withListSets(region, thread, () => {
    demandList(here, routine, head);
    demandPlace(here, routine, head, entry, LINK_BYTES);
    const at = `0x${entry.toString(16)}`;
    if (entry === head) report(head, entry, `${routine} cannot push ${at}: it is the header`);
    if (isOnChain(here, head, entry)) {
      const message = `${routine} cannot push ${at}: it is on the list at 0x${head.toString(16)}`;
      const parameters = [VERIFIER_RULE.ENTRY_PARKED_TWICE, head, entry, 0] as const;
      bugCheck(BUG_CHECK.DRIVER_VERIFIER_DETECTED_VIOLATION, parameters, message);
    }
    return region.interlocked.push(head, entry) >>> 0;
  });
}

/** Pop, or flush. @throws {BugCheck} 0xC4, or 0x0A for a damaged link out of the memory. */
export function checkedRemove(
  here: Machine,
  routine: string,
  head: number,
  how: "pop" | "flush",
): number {
  const { region, thread } = here.system;
  return withListSets(region, thread, () => {
    demandList(here, routine, head);
    try {
      return region.interlocked[how](head) >>> 0;
    } catch (error) {
      return rethrowFault(here, routine, head, error);
    }
  });
}
