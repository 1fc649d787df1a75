/**
 * The lookaside lists of the demo: three entry sizes, one list of each documented family.
 *
 * The main thread takes entries and fills them; a hashing thread gives them back by the free routine of
 * the same list. The descriptors lie in nonpaged pool, as documented, and their addresses are the same
 * in every thread.
 */
import {
  ExAllocateFromLookasideListEx,
  ExAllocateFromNPagedLookasideList,
  ExAllocateFromPagedLookasideList,
  ExAllocatePoolWithTag,
  ExDeleteLookasideListEx,
  ExDeleteNPagedLookasideList,
  ExDeletePagedLookasideList,
  ExFreePoolWithTag,
  ExFreeToLookasideListEx,
  ExFreeToNPagedLookasideList,
  ExFreeToPagedLookasideList,
  ExInitializeLookasideListEx,
  ExInitializeNPagedLookasideList,
  ExInitializePagedLookasideList,
  NonPagedPoolNx,
  NT_SUCCESS,
  NULL,
  POOL_NX_ALLOCATION,
  poolUsage,
  SIZEOF_LOOKASIDE_LIST_EX,
  SIZEOF_NPAGED_LOOKASIDE_LIST,
  SIZEOF_PAGED_LOOKASIDE_LIST,
  StatusError,
  tag,
} from "../../wdk/index.js";
import { CommandFailed } from "../failure.js";

/** Thrown when a pool cannot hold what a run needs at the very least. */
export class PoolTooSmall extends CommandFailed {}

/** What is known of a list before it exists: its entries, and the routines of its family. */
interface Kind {
  readonly entryBytes: number;
  readonly tag: number;
  readonly descriptorBytes: number;
  initialize(list: number, entryBytes: number, tag: number): void;
  allocate(list: number): number;
  free(list: number, entry: number): void;
  delete(list: number): void;
}

/** Tag of the descriptors. */
const LISTS_TAG = tag("List");

/** Smallest entries first. */
const KINDS: readonly Kind[] = [
  {
    entryBytes: 4_096,
    tag: tag("Smal"),
    descriptorBytes: SIZEOF_NPAGED_LOOKASIDE_LIST,
    initialize: (list, bytes, entryTag) =>
      ExInitializeNPagedLookasideList(list, NULL, NULL, POOL_NX_ALLOCATION, bytes, entryTag, 0),
    allocate: ExAllocateFromNPagedLookasideList,
    free: ExFreeToNPagedLookasideList,
    delete: ExDeleteNPagedLookasideList,
  },
  {
    entryBytes: 16_384,
    tag: tag("Medi"),
    descriptorBytes: SIZEOF_LOOKASIDE_LIST_EX,
    initialize: initializeEx,
    allocate: ExAllocateFromLookasideListEx,
    free: ExFreeToLookasideListEx,
    delete: ExDeleteLookasideListEx,
  },
  {
    entryBytes: 65_536,
    tag: tag("Larg"),
    descriptorBytes: SIZEOF_PAGED_LOOKASIDE_LIST,
    initialize: (list, bytes, entryTag) =>
      ExInitializePagedLookasideList(list, NULL, NULL, 0, bytes, entryTag, 0),
    allocate: ExAllocateFromPagedLookasideList,
    free: ExFreeToPagedLookasideList,
    delete: ExDeletePagedLookasideList,
  },
];

function initializeEx(list: number, entryBytes: number, entryTag: number): void {
  const status = ExInitializeLookasideListEx(
    list,
    NULL,
    NULL,
    NonPagedPoolNx,
    0,
    entryBytes,
    entryTag,
    0,
  );
  if (!NT_SUCCESS(status)) throw new StatusError(status, "Cannot initialize a list of the demo");
}

/** An entry that was taken. */
export interface Entry {
  /** Which list it goes back to. */
  readonly list: number;
  readonly address: number;
  /** Bytes it has room for. */
  readonly bytes: number;
}

/** Gives an entry back, in any thread that knows the descriptors. */
export function freeEntry(descriptors: readonly number[], list: number, entry: number): void {
  const kind = KINDS[list];
  const descriptor = descriptors[list];
  if (kind === undefined || descriptor === undefined)
    throw new RangeError(`There is no list ${list}`);
  kind.free(descriptor, entry);
}

/** The lists, as the thread that takes entries sees them. */
export class EntryLists {
  /** Addresses of the descriptors, in the order of the kinds. */
  readonly descriptors: readonly number[];

  /** Makes the lists. @throws {PoolTooSmall} when the pool cannot even hold the descriptors. */
  constructor() {
    this.descriptors = KINDS.map((kind) => {
      const list = ExAllocatePoolWithTag(NonPagedPoolNx, kind.descriptorBytes, LISTS_TAG);
      if (list === NULL) throw new PoolTooSmall("the nonpaged pool is too small for the lists");
      kind.initialize(list, kind.entryBytes, kind.tag);
      return list;
    });
  }

  /** Takes an entry of the smallest size that holds `bytes`, else of the largest; null when there is none. */
  take(bytes: number): Entry | null {
    const fitting = KINDS.findIndex((kind) => kind.entryBytes >= bytes);
    return this.#takeFrom(fitting === -1 ? KINDS.length - 1 : fitting);
  }

  /** Takes an entry of any size, largest first; null when no list can give one. */
  takeAny(): Entry | null {
    for (let list = KINDS.length - 1; list >= 0; list--) {
      const entry = this.#takeFrom(list);
      if (entry !== null) return entry;
    }
    return null;
  }

  /** Gives an entry back that was not handed on. */
  free(entry: Entry): void {
    freeEntry(this.descriptors, entry.list, entry.address);
  }

  /**
   * Deletes the lists; gives back how many entries never came home: 0, unless a thread ended with some.
   */
  delete(): number {
    KINDS.forEach((kind, list) => {
      const descriptor = this.descriptors[list] as number;
      kind.delete(descriptor);
      ExFreePoolWithTag(descriptor, LISTS_TAG);
    });
    return KINDS.reduce((held, kind) => {
      const usage = poolUsage(kind.tag);
      return held + usage.NonPaged.Diff + usage.Paged.Diff;
    }, 0);
  }

  #takeFrom(list: number): Entry | null {
    const kind = KINDS[list] as Kind;
    const address = kind.allocate(this.descriptors[list] as number);
    return address === NULL ? null : { list, address, bytes: kind.entryBytes };
  }
}
