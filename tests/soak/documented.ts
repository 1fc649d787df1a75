/**
 * The documented lists of a soak: one of each family that all threads use, and lists that a thread makes,
 * uses and deletes again for itself.
 *
 * The documents know of no dead thread, so what one held stays held, and its own lists stay in use. At a
 * quiet point everything of the documented door that is left is therefore a dead thread's, and is given back
 * here, by its tag: only what the dead had, and all of it, or the memory would not come back.
 */
import assert from "node:assert/strict";
import type { System, Ticket } from "lookaside";
import {
  activeLists,
  boot,
  ExAllocatePoolWithTag,
  ExDeleteLookasideListEx,
  ExFreePool,
  ExInitializeLookasideListEx,
  ExInitializeNPagedLookasideList,
  ExInitializePagedLookasideList,
  memory,
  NonPagedPool,
  PagedPool,
  parkedEntries,
  queryLookaside,
  SIZEOF_NPAGED_LOOKASIDE_LIST,
  shutdown,
  tag,
} from "lookaside/wdk";
import { tagAt } from "#src/pool/index.js";
import { type AuditedBlock, auditPool } from "../support/pool-audit.js";
import type { Random } from "../support/seed.js";
import { LIST_FAMILIES } from "../unit/wdk/list-families.js";

/** Tags of entries and of descriptors. */
const ENTRY_TAG = tag("SokE");
const LIST_TAG = tag("SokL");

/** Bytes of an entry, of each family. */
const ENTRY_BYTES = [48, 200, 1_024, 5_000] as const;

/** Entries that a thread holds at most, of lists for all and of a list of its own. */
const HELD_MAX = 16;
const OWN_MAX = 12;

/** Blocks that a thread can have had when it was ended: held, given away, parked in its own list. */
const LOST_MAX = HELD_MAX + 2 * OWN_MAX + 260;

/** Slots through which entries go from thread to thread, for each list so many. */
export const ENTRY_SLOTS = 4;

function fill(entry: number, bytes: number, cookie: number): void {
  new Uint8Array(memory().buffer, entry, bytes).fill(cookie);
}

function demandFilled(entry: number, bytes: number): void {
  const seen = new Uint8Array(memory().buffer, entry, bytes);
  const at = seen.findIndex((byte) => byte !== seen[0]);
  if (at < 0) return;
  const place = `byte ${at} of the entry at 0x${entry.toString(16)}`;
  throw new Error(`${place} is ${seen[at]}, not ${seen[0]}: it is held twice`);
}

interface HeldEntry {
  readonly entry: number;
  readonly family: number;
}

/** One thread's part: its machine is booted. */
export class DocumentedPart {
  readonly #random: Random;
  readonly #lists: readonly number[];
  readonly #slots: Int32Array<SharedArrayBuffer>;
  readonly #held: HeldEntry[] = [];

  constructor(lists: readonly number[], slots: Int32Array<SharedArrayBuffer>, random: Random) {
    this.#lists = lists;
    this.#slots = slots;
    this.#random = random;
  }

  step(): void {
    const dice = this.#random.int(100);
    if (dice < 40) this.#allocate();
    else if (dice < 80) this.#free();
    else if (dice < 97) this.#swap();
    else this.#useOwn();
  }

  #hold(entry: number, family: number): void {
    fill(entry, ENTRY_BYTES[family] as number, 1 + this.#random.int(255));
    this.#held.push({ entry, family });
  }

  #allocate(): void {
    if (this.#held.length >= HELD_MAX) return;
    const family = this.#random.int(this.#lists.length);
    const entry = LIST_FAMILIES[family]?.allocate(this.#lists[family] as number) ?? 0;
    if (entry !== 0) this.#hold(entry, family);
  }

  #take(): HeldEntry | undefined {
    const [one] = this.#held.splice(this.#random.int(this.#held.length + 1), 1);
    if (one !== undefined) demandFilled(one.entry, ENTRY_BYTES[one.family] as number);
    return one;
  }

  #free(): void {
    const one = this.#take();
    if (one !== undefined) this.#giveBack(one);
  }

  #giveBack({ entry, family }: HeldEntry): void {
    LIST_FAMILIES[family]?.free(this.#lists[family] as number, entry);
  }

  /** Entries go from hand to hand without a word to any list: whoever has one may free it. */
  #swap(): void {
    const one = this.#take();
    const family = one?.family ?? this.#random.int(this.#lists.length);
    const slot = family * ENTRY_SLOTS + this.#random.int(ENTRY_SLOTS);
    const entry = Atomics.exchange(this.#slots, slot, one?.entry ?? 0);
    if (entry === 0) return;
    demandFilled(entry, ENTRY_BYTES[family] as number);
    this.#hold(entry, family);
  }

  /** The life of a list: made, used, flushed by its end. The tuner walks the set meanwhile. */
  #useOwn(): void {
    const list = ExAllocatePoolWithTag(NonPagedPool, SIZEOF_NPAGED_LOOKASIDE_LIST, LIST_TAG);
    if (list === 0) return;
    ExInitializeLookasideListEx(list, 0, 0, this.#random.int(2), 0, 64, ENTRY_TAG, 0);
    const { allocate, free, remove } = LIST_FAMILIES[2] as (typeof LIST_FAMILIES)[number];
    const entries: number[] = [];
    for (let count = this.#random.int(OWN_MAX); count > 0; count--) {
      const entry = allocate(list);
      if (entry === 0) break;
      fill(entry, 64, count);
      entries.push(entry);
    }
    for (const entry of entries) {
      demandFilled(entry, 64);
      free(list, entry);
    }
    remove(list);
    ExFreePool(list);
  }

  /** Gives back everything that it holds. */
  leave(): void {
    for (const one of this.#held.splice(0)) {
      demandFilled(one.entry, ENTRY_BYTES[one.family] as number);
      this.#giveBack(one);
    }
  }
}

/** Does something with the documented door on a system that was made with the other one. */
function atTheDoor<Result>(ticket: Ticket, action: () => Result): Result {
  boot(ticket);
  try {
    return action();
  } finally {
    shutdown();
  }
}

/** Makes the lists that all threads use. */
export function makeDocumentedLists(system: System): readonly number[] {
  return atTheDoor(system.ticket(), () =>
    LIST_FAMILIES.map((family, at) => {
      const list = ExAllocatePoolWithTag(NonPagedPool, SIZEOF_NPAGED_LOOKASIDE_LIST, LIST_TAG);
      assert.notEqual(list, 0);
      const size = ENTRY_BYTES[at] as number;
      if (family.unified) {
        const type = family.poolType === PagedPool ? PagedPool : NonPagedPool;
        ExInitializeLookasideListEx(list, 0, 0, type, 0, size, ENTRY_TAG, 0);
      } else if (family.poolType === PagedPool) {
        ExInitializePagedLookasideList(list, 0, 0, 0, size, ENTRY_TAG, 0);
      } else ExInitializeNPagedLookasideList(list, 0, 0, 0, size, ENTRY_TAG, 0);
      return list;
    }),
  );
}

/** What a quiet point found of the documented lists. */
export interface DocumentedCounts {
  /** Calls since the lists were made. */
  readonly allocates: number;
  /** Blocks that only the dead can have had. */
  readonly lost: number;
}

/**
 * At a quiet point: ends the lists of the dead, empties those of all (with `isEnd` ends them too), and gives
 * back whatever else was the dead threads', `dead` of them since the lists were made. Demands that this was
 * no more than they can have had.
 */
export function settleDocumentedLists(
  system: System,
  lists: readonly number[],
  dead: number,
  isEnd: boolean,
): DocumentedCounts {
  return atTheDoor(system.ticket(), () => {
    for (const list of activeLists()) if (!lists.includes(list)) ExDeleteLookasideListEx(list);
    let allocates = 0;
    lists.forEach((list, at) => {
      const family = LIST_FAMILIES[at] as (typeof LIST_FAMILIES)[number];
      const { CurrentDepth, MaximumDepth, ...now } = queryLookaside(list);
      assert.equal(
        parkedEntries(list).length,
        CurrentDepth,
        `the chain of the ${family.name} list`,
      );
      assert.ok(CurrentDepth <= MaximumDepth, `the ${family.name} list parks ${CurrentDepth}`);
      const hits = now.TotalAllocates - now.AllocateMisses;
      const off = now.TotalFrees - now.FreeMisses - hits - CurrentDepth;
      // Who is ended between a call's count and its effect leaves it so.
      assert.ok(Math.abs(off) <= dead, `the counters of the ${family.name} list are off by ${off}`);
      allocates += now.TotalAllocates;
      if (isEnd) family.remove(list);
      else for (let left = CurrentDepth; left > 0; left--) ExFreePool(family.allocate(list));
    });
    const lost = sweep(system, isEnd ? [] : lists) - (isEnd ? lists.length : 0);
    assert.ok(lost <= dead * LOST_MAX, `${lost} blocks are held, and ${dead} threads were ended`);
    return { allocates, lost };
  });
}

/** Frees what is held by tag, but for `kept`; gives back how many blocks. */
function sweep({ region }: System, kept: readonly number[]): number {
  const tags = [ENTRY_TAG, LIST_TAG];
  const isLost = ({ address, tagIndex }: AuditedBlock): boolean =>
    tags.includes(tagAt(region, tagIndex)) && !kept.includes(address);
  const lost = auditPool(region).blocks.filter(isLost);
  for (const { address } of lost) ExFreePool(address);
  return lost.length;
}
