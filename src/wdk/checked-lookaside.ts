/**
 * Checked mode of the lists: who may be where, and whether a parked entry was touched.
 *
 * For an entry that is a block of pool, its shadow says more than usual while the list knows it:
 *
 * | shadow word | held by a user | parked |
 * |---|---|---|
 * | state | HELD | PARKED |
 * | note | the list / 16, and bit 28 | the same |
 * | checksum | – | of the bytes after the link |
 *
 * Bit 28 says that the entry came from a list below: the Allocate routine of this list took it from another
 * one, and the Free routine will give it back there. Then the note is that bit alone, and the list that is
 * given such an entry takes it as its own.
 *
 * An entry that a custom routine took from elsewhere has no shadow: for it only alignment, place and
 * presence on the chain are checked. A list without such a routine has no such entries.
 *
 * Checked operations run one at a time, under the set lock, each from its first look to its last write;
 * callbacks run outside it.
 */
import { DESCRIPTOR_BYTES, FIELD, isActiveList, listWithin, withListSets } from "../list/index.js";
import { compareExchange, load, peek, poke } from "../memory/index.js";
import { HELD, kindOf, MARK, PAGED, PARKED, stateIndex, stateWord } from "../pool/index.js";
import { checkFence, checkHoldsNoList, NOTE } from "./checked-pool.js";
import { LOOKASIDE_MINIMUM_BLOCK_SIZE, POOL_QUOTA_FAIL_INSTEAD_OF_RAISE } from "./constants.js";
import { rethrowFault } from "./fault.js";
import { bugCheck, type Machine } from "./machine.js";
import { BUG_CHECK } from "./raise.js";

const VIOLATION = BUG_CHECK.DRIVER_VERIFIER_DETECTED_VIOLATION;

/**
 * First arguments of bug check 0xC4 for what the documents forbid but give no number: the project's
 * own, far from the documented ones.
 */
export const VERIFIER_RULE = {
  /** The descriptor does not lie whole in a held block of nonpaged pool: (list). */
  DESCRIPTOR_NOT_NONPAGED: 0x4c41_0001,
  /** FAIL_NO_RAISE without an Allocate routine, which leaves the default undefined: (list, flags). */
  FAIL_NO_RAISE_WITHOUT_ROUTINE: 0x4c41_0002,
  /** The descriptor was not initialized by the family's routine: (list, family wanted, family found). */
  LIST_NOT_INITIALIZED: 0x4c41_0003,
  /** The entry is not one of this list: (list, entry, the list it belongs to, or 0). */
  ENTRY_NOT_OF_LIST: 0x4c41_0004,
  /** The entry is parked already: (list, entry). Of sequenced lists: (header, entry). */
  ENTRY_PARKED_TWICE: 0x4c41_0005,
  /** A header or an entry is no held memory, or of an active lookaside list: (header, address). */
  SLIST_MISPLACED: 0x4c41_0006,
  /** The Allocate routine gave a block smaller than the list's Size: (list, entry, its bytes). */
  ENTRY_TOO_SMALL: 0x4c41_0007,
  /** The Allocate routine gave a block of paged pool to a list of nonpaged entries: (list, entry). */
  ENTRY_PAGED: 0x4c41_0008,
} as const;

/** Shadow word of a parked entry that has its checksum. */
const CHECKSUM = MARK;
const LINK_BYTES = 8;

/** What of a new list is checked. */
interface CheckedNewList {
  readonly routine: string;
  readonly address: number;
  /** 0 for NULL. */
  readonly allocate: unknown;
  readonly type: number;
  readonly size: number;
  readonly family: number;
}

/** Reports what a list must not be made of. Under the set lock. @throws {BugCheck} 0xC4 */
export function checkInitialize(here: Machine, list: CheckedNewList): void {
  const { pool } = here.system;
  const at = `0x${list.address.toString(16)}`;
  const block = pool.blockAround(list.address);
  const end = block === null ? 0 : block.address + block.bytes;
  if (
    block === null ||
    block.parked ||
    block.kind === PAGED ||
    list.address + DESCRIPTOR_BYTES > end
  ) {
    const message = `${list.routine} needs a held block of nonpaged pool for its descriptor, not ${at}`;
    bugCheck(VIOLATION, [VERIFIER_RULE.DESCRIPTOR_NOT_NONPAGED, list.address, 0, 0], message);
  }
  if (listWithin(here.system.region, list.address, DESCRIPTOR_BYTES) !== undefined) {
    bugCheck(
      VIOLATION,
      [0xca, list.address, 0, 0],
      `${list.routine} found an active list at ${at} already`,
    );
  }
  if (list.size < LOOKASIDE_MINIMUM_BLOCK_SIZE) {
    const message = `${list.routine} needs entries of at least ${LOOKASIDE_MINIMUM_BLOCK_SIZE} bytes`;
    bugCheck(VIOLATION, [0xcd, list.address, list.size, LOOKASIDE_MINIMUM_BLOCK_SIZE], message);
  }
  if ((list.type & POOL_QUOTA_FAIL_INSTEAD_OF_RAISE) !== 0 && list.allocate === 0) {
    const message = `${list.routine} needs an Allocate routine with EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE`;
    bugCheck(
      VIOLATION,
      [VERIFIER_RULE.FAIL_NO_RAISE_WITHOUT_ROUTINE, list.address, list.type, 0],
      message,
    );
  }
}

/**
 * Reports a descriptor that its family's routine has not initialized, or that was deleted. Under the set
 * lock, together with what is done to the list: or it could be deleted in between.
 */
export function checkInitialized(
  here: Machine,
  routine: string,
  family: number,
  list: number,
): void {
  const { region } = here.system;
  const found = load(region.words, (list >>> 2) | 1) >>> 24;
  if (found === family && isActiveList(region, list)) return;
  reportNoList(routine, family, list, found);
}

/** Reports a descriptor that is no list of the routine's family. @throws {BugCheck} 0xC4 */
export function reportNoList(routine: string, family: number, list: number, found: number): never {
  const message = `${routine} found no list of its family at 0x${list.toString(16)}`;
  bugCheck(VIOLATION, [VERIFIER_RULE.LIST_NOT_INITIALIZED, list, family, found], message);
}

/** The shadow of an entry, or 0 when no block of pool starts there. */
function shadowOf(here: Machine, entry: number): number {
  return here.system.pool.inspect(entry) === null ? 0 : stateIndex(here.system.region, entry);
}

function checksum(here: Machine, list: number, entry: number): number {
  const { region } = here.system;
  // What a routine gave may be smaller than the list says: the rest is not the entry's.
  const size = Math.min(
    peek(region.words, (list + FIELD.Size) >>> 2) >>> 0,
    here.system.pool.inspect(entry)?.bytes ?? 0,
  );
  region.cover(entry + size);
  let sum = 0x811c_9dc5;
  for (let at = entry + LINK_BYTES; at < entry + size; at++) {
    sum = Math.imul(sum ^ (region.bytes[at] as number), 0x0100_0193);
  }
  return sum & 0x7fff_ffff;
}

/** Reports an entry that was written while it was parked. @throws {BugCheck} 0xC1 */
function reportTouched(list: number, entry: number, link: number): never {
  const message = `The entry at 0x${entry.toString(16)} was written while parked in 0x${list.toString(16)}`;
  bugCheck(BUG_CHECK.SPECIAL_POOL_DETECTED_MEMORY_CORRUPTION, [entry, list, link, 0x4c41], message);
}

/**
 * Whether a link of a list can be one: the end, a block that is parked there, or, where a routine of its own
 * allocates, an address that is no block.
 */
export function isLink(here: Machine, list: number, link: number): boolean {
  if (link === 0) return true;
  const { region, pool } = here.system;
  if ((link & 15) !== 0 || link < region.layout.dataByte || !region.cover(link + LINK_BYTES))
    return false;
  const block = pool.inspect(link);
  if (block === null) return !pool.isFree(link) && !allocatesFromPool(here, list);
  return block.parked && listOf(here, link) === list;
}

/** Bit of a note: the entry came from a list below. */
const LAYERED = 0x1000_0000;

function noteOf(here: Machine, entry: number): number {
  const { region } = here.system;
  return peek(region.words, stateIndex(region, entry) + NOTE);
}

/** The list that a block was given out by, or 0. */
function listOf(here: Machine, entry: number): number {
  return (noteOf(here, entry) << 4) >>> 0; // bit 28 falls out
}

/** Takes the first entry, after a look at list and entry. Gives back 0 for a counted miss. */
export function checkedTake(here: Machine, routine: string, family: number, list: number): number {
  const { region, thread } = here.system;
  return withListSets(region, thread, () => {
    checkInitialized(here, routine, family, list);
    const first = region.interlocked.first(list) >>> 0;
    if (first !== 0) checkParked(here, list, first);
    const entry = guardedTake(here, routine, list);
    if (entry !== 0) unpark(here, list, entry);
    return entry;
  });
}

/** Reports a header that does not lead to a parked entry. @throws {BugCheck} 0xC1 */
export function checkFirst(here: Machine, list: number, first: number): void {
  if (!isLink(here, list, first)) reportTouched(list, list, first);
}

/** Reports a first entry that was never parked, or whose link was written. @throws {BugCheck} 0xC1 */
function checkParked(here: Machine, list: number, first: number): void {
  checkFirst(here, list, first);
  const link = peek(here.system.region.words, first >>> 2) >>> 0;
  if (!isLink(here, list, link)) reportTouched(list, first, link);
}

/** Allocate of the interlocked module. @throws {BugCheck} 0x0A for a damaged link out of the memory. */
export function guardedTake(here: Machine, routine: string, list: number): number {
  try {
    return here.take(list) >>> 0;
  } catch (error) {
    return rethrowFault(here, routine, list, error);
  }
}

/** Free of the interlocked module: false when full. @throws {BugCheck} 0x0A, likewise. */
export function guardedPark(here: Machine, routine: string, list: number, entry: number): boolean {
  try {
    return here.park(list, entry) !== 0;
  } catch (error) {
    return rethrowFault(here, routine, list, error);
  }
}

/** The state of an entry goes from PARKED to HELD, if it has one. */
function unpark(here: Machine, list: number, entry: number): void {
  const { region, thread } = here.system;
  const shadow = shadowOf(here, entry);
  if (shadow === 0) return;
  const seen = load(region.words, shadow);
  if (kindOf(seen) !== PARKED) return;
  if (peek(region.words, shadow + CHECKSUM) !== checksum(here, list, entry)) {
    compareExchange(region.words, shadow, seen, stateWord(HELD, thread, seen));
    reportTouched(list, entry, 0);
  }
  compareExchange(region.words, shadow, seen, stateWord(HELD, thread, seen));
}

/** Reports a fresh entry that the list should not have got. Nonpaged memory is fit for a paged list. */
function demandFit(here: Machine, routine: string, list: number, entry: number): void {
  const block = here.pool.inspect(entry);
  if (block === null) return;
  const { words } = here.system.region;
  const size = peek(words, (list + FIELD.Size) >>> 2) >>> 0;
  const what = `${routine} was given 0x${entry.toString(16)} for the list at 0x${list.toString(16)}`;
  if (block.bytes < size) {
    const message = `${what}, a block of ${block.bytes} bytes: its entries have ${size}`;
    bugCheck(VIOLATION, [VERIFIER_RULE.ENTRY_TOO_SMALL, list, entry, block.bytes], message);
  }
  if (block.kind === PAGED && (peek(words, (list + FIELD.Type) >>> 2) & 1) === 0) {
    const message = `${what}, a block of paged pool: its entries are nonpaged`;
    bugCheck(VIOLATION, [VERIFIER_RULE.ENTRY_PAGED, list, entry, 0], message);
  }
}

/**
 * Remembers that a fresh entry is this list's. Gives the entry back.
 * @throws {BugCheck} 0xC4 when the Allocate routine gave an entry that is parked in a list, or unfit.
 */
export function noteEntry(here: Machine, routine: string, list: number, entry: number): number {
  const shadow = entry === 0 ? 0 : shadowOf(here, entry);
  if (shadow === 0) return entry;
  const { words } = here.system.region;
  if (kindOf(load(words, shadow)) === PARKED) {
    const message = `${routine} was given 0x${entry.toString(16)}, which is parked in a list`;
    bugCheck(VIOLATION, [VERIFIER_RULE.ENTRY_PARKED_TWICE, list, entry, 0], message);
  }
  demandFit(here, routine, list, entry);
  const before = noteOf(here, entry);
  const own = list >>> 4;
  poke(words, shadow + NOTE, before === 0 || before === own ? own : own | LAYERED);
  return entry;
}

/**
 * Parks an entry, after a look at list and entry. Gives back false when the list is full: a counted miss.
 * Under the set lock.
 */
export function checkedFree(
  here: Machine,
  routine: string,
  family: number,
  list: number,
  entry: number,
): boolean {
  const { region, thread } = here.system;
  checkInitialized(here, routine, family, list);
  checkEntry(here, routine, list, entry);
  const shadow = shadowOf(here, entry);
  if (shadow === 0) return guardedPark(here, routine, list, entry);
  const seen = load(region.words, shadow);
  const parked = stateWord(PARKED, thread, seen);
  if (kindOf(seen) !== HELD || compareExchange(region.words, shadow, seen, parked) !== seen) {
    reportParkedTwice(routine, list, entry);
  }
  poke(region.words, shadow + CHECKSUM, checksum(here, list, entry));
  let isParkedNow = false;
  try {
    isParkedNow = guardedPark(here, routine, list, entry);
  } finally {
    if (!isParkedNow) compareExchange(region.words, shadow, parked, seen); // still the caller's
  }
  return isParkedNow;
}

function reportParkedTwice(routine: string, list: number, entry: number): never {
  const message = `${routine} cannot park 0x${entry.toString(16)}: it is parked already`;
  bugCheck(VIOLATION, [VERIFIER_RULE.ENTRY_PARKED_TWICE, list, entry, 0], message);
}

function reportForeign(routine: string, list: number, entry: number, owner: number): never {
  const message = `${routine} cannot take 0x${entry.toString(16)}: it is no entry of this list`;
  bugCheck(VIOLATION, [VERIFIER_RULE.ENTRY_NOT_OF_LIST, list, entry, owner], message);
}

/** Reports an entry that this list never gave out. Under the set lock. */
function checkEntry(here: Machine, routine: string, list: number, entry: number): void {
  const { region, pool } = here.system;
  if (
    entry === 0 ||
    (entry & 15) !== 0 ||
    entry < region.layout.dataByte ||
    !region.cover(entry + LINK_BYTES)
  ) {
    reportForeign(routine, list, entry, 0);
  }
  const block = pool.inspect(entry);
  if (block === null) {
    if (isOnChain(here, list, entry)) reportParkedTwice(routine, list, entry);
    if (pool.isFree(entry) || allocatesFromPool(here, list)) reportForeign(routine, list, entry, 0);
    checkHoldsNoList(here, entry, LINK_BYTES); // what the list would write
    return;
  }
  if (block.parked) reportParkedTwice(routine, list, entry);
  const owner = listOf(here, entry);
  if (noteOf(here, entry) === LAYERED) noteEntry(here, routine, list, entry);
  else if (owner !== list) reportForeign(routine, list, entry, owner);
  checkFence(here, entry, block.bytes);
  checkHoldsNoList(here, entry, block.blockBytes);
}

/** Whether all entries of a list are blocks of pool: it has no Allocate routine of its own. */
function allocatesFromPool(here: Machine, list: number): boolean {
  const handle = peek(here.system.region.words, (list + FIELD.Allocate) >>> 2);
  return handle === here.defaultAllocate || handle === here.defaultQuotaAllocate;
}

/** Whether an entry is on the chain of a header. Under the set lock, where the chain stands still. */
export function isOnChain(here: Machine, list: number, entry: number): boolean {
  const { region } = here.system;
  let at = region.interlocked.first(list) >>> 0;
  // A damaged chain may be a ring, or lead anywhere: more entries than have room in the memory are none.
  for (let left = region.bytes.length / 16; at !== 0 && left > 0; left--) {
    if (at === entry) return true;
    if (!region.cover(at + LINK_BYTES)) return false;
    at = peek(region.words, at >>> 2) >>> 0;
  }
  return false;
}

/** Reports an entry that was written while it was parked and that is about to leave its list. */
export function checkLeaving(here: Machine, list: number, entry: number): void {
  const { region } = here.system;
  const shadow = shadowOf(here, entry);
  if (shadow === 0 || kindOf(load(region.words, shadow)) !== PARKED) return;
  const link = peek(region.words, entry >>> 2) >>> 0;
  const isTouched =
    !isLink(here, list, link) ||
    peek(region.words, shadow + CHECKSUM) !== checksum(here, list, entry);
  if (isTouched) reportTouched(list, entry, link);
}

/** The list gives an entry up: it goes to the Free routine as an ordinary held block. */
export function releaseEntry(here: Machine, entry: number): void {
  const shadow = shadowOf(here, entry);
  if (shadow === 0) return;
  const { region, thread } = here.system;
  const seen = load(region.words, shadow);
  if (kindOf(seen) === PARKED)
    compareExchange(region.words, shadow, seen, stateWord(HELD, thread, seen));
  poke(region.words, shadow + NOTE, noteOf(here, entry) & LAYERED);
}
