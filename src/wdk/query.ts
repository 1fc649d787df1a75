/**
 * What the system knows of lists and pools, as plain objects with the documented field names.
 */
import { TAGS_MAX } from "../base/index.js";
import { FIELD, withListSets } from "../list/index.js";
import { HEADER, load } from "../memory/index.js";
import {
  allocationCounts,
  type BlockRecord,
  quotaUsed,
  sharedTagUsage,
  type TagUsage,
  tagAt,
  tagUsage,
} from "../pool/index.js";
import { pointer, refuse, ulong } from "./arguments.js";
import { rethrowFault } from "./fault.js";
import { activeLists, EX_FAMILY, isInSet, NONPAGED_FAMILY, PAGED_FAMILY } from "./lookaside.js";
import { type Machine, machine } from "./machine.js";
import { tagText } from "./tag.js";

/** One list. Totals are exact unless a flush is in flight; counters are modulo 2^32. */
export interface LookasideInformation {
  readonly Address: number;
  /** "NPaged", "Paged" or "Ex"; "None" when no list is there. */
  readonly Family: "NPaged" | "Paged" | "Ex" | "None";
  /** Present limit on parked entries. */
  readonly Depth: number;
  /** Ceiling of Depth. */
  readonly MaximumDepth: number;
  /** Entries parked now. */
  readonly CurrentDepth: number;
  readonly TotalAllocates: number;
  readonly AllocateMisses: number;
  readonly TotalFrees: number;
  readonly FreeMisses: number;
  /** Pool type with its flag bits. */
  readonly Type: number;
  readonly Tag: number;
  readonly Size: number;
  /** Handles of the routines. */
  readonly Allocate: number;
  readonly Free: number;
  /** What the balance set manager sampled last. */
  readonly LastTotalAllocates: number;
  readonly LastAllocateMisses: number;
}

const FAMILIES = {
  [NONPAGED_FAMILY]: "NPaged",
  [PAGED_FAMILY]: "Paged",
  [EX_FAMILY]: "Ex",
} as const;

/**
 * An address where a descriptor can lie, all of it within the views of this thread.
 * @throws {LookasideError} ERR_ARGUMENT
 */
function descriptorAt(here: Machine, routine: string, Lookaside: unknown): number {
  const { region } = here.system;
  const list = pointer(routine, "Lookaside", Lookaside);
  if ((list & 15) !== 0 || list < region.layout.dataByte || !region.cover(list + 0x60)) {
    refuse(routine, "Lookaside", list, "no descriptor can lie there");
  }
  return list;
}

/**
 * The family of the list in a descriptor that the caller has covered; undefined when no list is in use
 * there. Its neighbours in the set decide: other memory may hold the byte of a family by chance.
 */
function familyAt(here: Machine, list: number): "NPaged" | "Paged" | "Ex" | undefined {
  const { region, thread } = here.system;
  if (!withListSets(region, thread, () => isInSet(here, list))) return undefined;
  const byte = load(region.words, (list + FIELD.ListHead + 4) >>> 2) >>> 24;
  return FAMILIES[byte as keyof typeof FAMILIES];
}

/**
 * The address of a list that is to be changed from outside: what is no list is somebody's memory.
 * @throws {LookasideError} ERR_ARGUMENT
 */
export function listAt(here: Machine, routine: string, Lookaside: unknown): number {
  const list = descriptorAt(here, routine, Lookaside);
  if (familyAt(here, list) === undefined) refuse(routine, "Lookaside", list, "no list is there");
  return list;
}

/**
 * The fields of the list at an address, at this moment. Any thread, any IRQL; O(1), under the lock of the
 * set.
 *
 * @throws {LookasideError} ERR_ARGUMENT when no descriptor can be there; ERR_LOCK_STALLED, ERR_NOT_ATTACHED.
 * @throws {BugCheck} 0x0A when its header was overwritten.
 *
 * @example
 * ```ts
 * boot();
 * const list = ExAllocatePoolWithTag(NonPagedPool, SIZEOF_LOOKASIDE_LIST_EX, tag("Demo"));
 * ExInitializeLookasideListEx(list, NULL, NULL, NonPagedPool, 0, 64, tag("Demo"), 0);
 * const { Family, TotalAllocates } = queryLookaside(list);
 * console.log(Family); // Ex
 * console.log(TotalAllocates); // 0
 * shutdown();
 * ```
 */
export function queryLookaside(Lookaside: number): LookasideInformation {
  const here = machine();
  const { region } = here.system;
  const list = descriptorAt(here, "queryLookaside", Lookaside);
  const word = (offset: number): number => load(region.words, (list + offset) >>> 2) >>> 0;
  const family = familyAt(here, list);
  const parked = family === undefined ? 0 : settled(here, "queryLookaside", list);
  const limits = word(FIELD.Depth);
  return {
    Address: list,
    Family: family ?? "None",
    Depth: limits & 0xffff,
    MaximumDepth: limits >>> 16,
    CurrentDepth: parked,
    TotalAllocates: word(FIELD.TotalAllocates),
    AllocateMisses: word(FIELD.AllocateMisses),
    TotalFrees: word(FIELD.TotalFrees),
    FreeMisses: word(FIELD.FreeMisses),
    Type: word(FIELD.Type),
    Tag: word(FIELD.Tag),
    Size: word(FIELD.Size),
    Allocate: word(FIELD.Allocate),
    Free: word(FIELD.Free),
    LastTotalAllocates: word(FIELD.LastTotalAllocates),
    LastAllocateMisses: word(FIELD.LastAllocateMisses),
  };
}

/** Makes the totals of a list exact, and counts its parked entries. @throws {BugCheck} 0x0A */
function settled(here: Machine, routine: string, list: number): number {
  const { interlocked } = here.system.region;
  try {
    interlocked.settle(list);
    return interlocked.count(list) >>> 0;
  } catch (error) {
    return rethrowFault(here, routine, list, error);
  }
}

/**
 * {@link queryLookaside} of every list in use, oldest first, nonpaged before paged. O(lists); errors
 * likewise.
 */
export function queryLookasideLists(): LookasideInformation[] {
  return activeLists().map(queryLookaside);
}

/**
 * Addresses of the parked entries of a list, first to last. Not synchronized: for lists that stand still.
 * Any IRQL; O(parked).
 *
 * @throws {LookasideError} ERR_ARGUMENT when no descriptor can be there; ERR_LOCK_STALLED, ERR_NOT_ATTACHED.
 * @throws {BugCheck} 0x0A when the header was overwritten.
 *
 * @example
 * ```ts
 * boot();
 * const list = ExAllocatePoolWithTag(NonPagedPool, SIZEOF_LOOKASIDE_LIST_EX, tag("Demo"));
 * ExInitializeLookasideListEx(list, NULL, NULL, NonPagedPool, 0, 64, tag("Demo"), 0);
 * ExFreeToLookasideListEx(list, ExAllocateFromLookasideListEx(list));
 * console.log(parkedEntries(list).length); // 1
 * shutdown();
 * ```
 */
export function parkedEntries(Lookaside: number): number[] {
  const here = machine();
  const { region } = here.system;
  const list = descriptorAt(here, "parkedEntries", Lookaside);
  if (familyAt(here, list) === undefined) return [];
  const entries: number[] = [];
  // A damaged count may be any number: more entries than have room in the memory are none.
  const most = Math.min(settled(here, "parkedEntries", list), region.bytes.length / 16);
  let entry = region.interlocked.first(list) >>> 0;
  while (entries.length < most && entry >= region.layout.dataByte && region.cover(entry + 8)) {
    entries.push(entry);
    entry = load(region.words, entry >>> 2) >>> 0;
  }
  return entries;
}

/** What one pool charges to one tag. Counts are modulo 2^32; bytes are as asked for. */
export interface PoolTally {
  readonly Allocs: number;
  readonly Frees: number;
  /** Blocks held: Allocs minus Frees. */
  readonly Diff: number;
  readonly Bytes: number;
  /** Most bytes held: exact while one thread alone uses the tag, else at least this. */
  readonly PeakBytes: number;
}

/** What the pools charge to one tag. */
export interface PoolTagInformation {
  readonly Tag: number;
  readonly TagText: string;
  readonly NonPaged: PoolTally;
  readonly Paged: PoolTally;
  /**
   * Whether the tag is counted together with others, because it is 0 or came after 1,023 other tags. The
   * entry of tag 0 is the sum of all such tags; of any other poolUsage(Tag) tells what is held now: Allocs is
   * Diff, PeakBytes is Bytes.
   */
  readonly Shared: boolean;
}

function tallyOf(usage: TagUsage): PoolTally {
  const { allocs, frees, bytes, peakBytes } = usage;
  return {
    Allocs: allocs,
    Frees: frees,
    Diff: (allocs - frees) | 0,
    Bytes: bytes,
    PeakBytes: peakBytes,
  };
}

function informationAt(here: Machine, index: number): PoolTagInformation {
  const { region } = here.system;
  const nonpaged = tagUsage(region, index, 0);
  const paged = tagUsage(region, index, 1);
  return {
    Tag: nonpaged.tag,
    TagText: tagText(nonpaged.tag),
    NonPaged: tallyOf(nonpaged),
    Paged: tallyOf(paged),
    Shared: index === 0,
  };
}

const NOTHING: PoolTally = { Allocs: 0, Frees: 0, Diff: 0, Bytes: 0, PeakBytes: 0 };

/** What is held under a tag without a slot: nothing, if none was ever counted in the shared one. */
function sharedInformation(here: Machine, Tag: number): PoolTagInformation {
  const { region } = here.system;
  const tallies = [NOTHING, NOTHING];
  const isUsed = [0, 1].some((kind) => tagUsage(region, 0, kind).allocs > 0);
  if (isUsed) {
    sharedTagUsage(region, Tag).forEach(({ blocks, bytes }, kind) => {
      tallies[kind] = { Allocs: blocks, Frees: 0, Diff: blocks, Bytes: bytes, PeakBytes: bytes };
    });
  }
  const [NonPaged = NOTHING, Paged = NOTHING] = tallies;
  return { Tag, TagText: tagText(Tag), NonPaged, Paged, Shared: isUsed };
}

/**
 * What the pools charge to a tag: zeros for one that was never used. Any thread, any IRQL; sums the tallies
 * of all threads, so exact only while they rest.
 *
 * @throws {LookasideError} ERR_ARGUMENT for a tag that is no number; ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot();
 * ExAllocatePoolWithTag(NonPagedPool, 100, tag("Demo"));
 * console.log(poolUsage(tag("Demo")).NonPaged.Bytes); // 100
 * console.log(poolUsage().length); // 1
 * shutdown();
 * ```
 */
export function poolUsage(Tag: number): PoolTagInformation;
/**
 * What the pools charge to every tag that was ever used. Tag 0 counts together what has no slot of its own.
 */
export function poolUsage(): PoolTagInformation[];
export function poolUsage(Tag?: number): PoolTagInformation | PoolTagInformation[] {
  const here = machine();
  const wanted = Tag === undefined ? undefined : ulong("poolUsage", "Tag", Tag);
  const all: PoolTagInformation[] = [];
  for (let index = 0; index < TAGS_MAX; index++) {
    // Summing the tallies of all threads is the dear part: not for slots that nobody claimed or asked for.
    const claimed = tagAt(here.system.region, index);
    if ((index > 0 && claimed === 0) || (wanted !== undefined && claimed !== wanted)) continue;
    const information = informationAt(here, index);
    if (information.NonPaged.Allocs + information.Paged.Allocs > 0) all.push(information);
  }
  if (wanted === undefined) return all;
  const [found] = all;
  return found ?? sharedInformation(here, wanted);
}

/** The two pools as a whole, in bytes. */
export interface PoolInformation {
  readonly LimitBytes: number;
  /** Whole chunks that slabs and runs have now; slabs without a held block are included until trimmed. */
  readonly UsedBytes: number;
  readonly FreeBytes: number;
  readonly PeakBytes: number;
  /** Bytes charged to this thread's quota account. */
  readonly QuotaUsedBytes: number;
}

/**
 * What the two pools hold as a whole, at this moment. Any thread, any IRQL; O(1). @throws {LookasideError}
 * ERR_NOT_ATTACHED
 *
 * @example
 * ```ts
 * boot({ pagedPoolBytes: "1 MiB" });
 * console.log(poolInformation().Paged.LimitBytes); // 1048576
 * shutdown();
 * ```
 */
export function poolInformation(): {
  readonly NonPaged: PoolInformation;
  readonly Paged: PoolInformation;
} {
  const here = machine();
  const { region } = here.system;
  const of = (kind: number): PoolInformation => {
    const bytes = (word: number): number => load(region.words, word + kind) * 65_536;
    const limit = bytes(HEADER.CHUNK_LIMIT);
    const used = bytes(HEADER.CHUNKS_USED);
    return {
      LimitBytes: limit,
      UsedBytes: used,
      FreeBytes: limit - used,
      PeakBytes: bytes(HEADER.CHUNKS_PEAK),
      QuotaUsedBytes: quotaUsed(region, here.account, kind),
    };
  };
  return { NonPaged: of(0), Paged: of(1) };
}

/**
 * The held or parked block that starts at an address, or null. May be stale when it is given. Any thread,
 * any IRQL; O(1).
 *
 * @throws {LookasideError} ERR_ARGUMENT for a value that is no address; ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot();
 * const block = ExAllocatePoolWithTag(NonPagedPool, 100, tag("Demo"));
 * console.log(queryPoolBlock(block)?.bytes); // 100
 * shutdown();
 * ```
 */
export function queryPoolBlock(Address: number): BlockRecord | null {
  return machine().system.pool.inspect(pointer("queryPoolBlock", "Address", Address));
}

/**
 * Pool allocations of the whole machine, by all threads that ever were, as `!verifier` counts them
 * (semantics 13.3); modulo 2^32. Those that the machine makes for itself, for records of lists, are among
 * them. Exact when no thread is inside the pool.
 */
export interface VerifierCounters {
  readonly Attempted: number;
  readonly Succeeded: number;
  readonly Failed: number;
  /** Of those that failed, how many low-resource simulation did. */
  readonly FailedDeliberately: number;
}

/**
 * What became of the pool allocations of this machine. Any thread, any IRQL; sums the tallies of all threads.
 *
 * @throws {LookasideError} ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot({ lowResources: { perTenThousand: 10_000, seed: 1 } });
 * ExAllocatePoolWithTag(NonPagedPool, 100, tag("Demo"));
 * console.log(verifierCounters().FailedDeliberately); // 1
 * shutdown();
 * ```
 */
export function verifierCounters(): VerifierCounters {
  const { succeeded, failed, failedOnPurpose } = allocationCounts(machine().system.region);
  return {
    Attempted: (succeeded + failed) >>> 0,
    Succeeded: succeeded,
    Failed: failed,
    FailedDeliberately: failedOnPurpose,
  };
}
