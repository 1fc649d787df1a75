/**
 * Documented lists in a snapshot: descriptors of the set, read without the set lock.
 *
 * A descriptor has no serial number. A reader takes it for the list that it saw in the same place before as
 * long as what never changes in a list is the same, and its head has not gone backwards. Otherwise, and when
 * its counters were reset as `!lookaside` can, its counters start anew.
 */
import { type DescriptorReading, glanceAtLists, readDescriptor } from "../../list/index.js";
import type { Region } from "../../memory/index.js";
import { tagText } from "../../pool/index.js";
import { CounterGroup } from "./counters.js";
import { atLeastNone, hitRate, poolName } from "./list-numbers.js";
import type { DocumentedListSnapshot } from "./schema.js";

/** Families by their byte in a descriptor: the documented door writes it. */
const FAMILIES = ["Ex", "NPaged", "Paged", "Ex"] as const;

const [ALLOCATE_HITS, ALLOCATE_MISSES, FREE_HITS, FREE_MISSES] = [0, 1, 2, 3] as const;
const COUNTERS = 4;
const CHANGES_HALF = 2 ** 35;

interface Known {
  readonly facts: string;
  readonly counters: CounterGroup;
  /** Distinguishes lists that this reader saw in one place. */
  readonly serial: number;
  changes: number;
}

/** One reader's view of all documented lists of a system. */
export class DocumentedListReader {
  readonly #region: Region;
  #known = new Map<number, Known>();
  #serial = 0;

  constructor(region: Region) {
    this.#region = region;
  }

  /** Every list of both sets, oldest first, nonpaged before paged. */
  read(): DocumentedListSnapshot[] {
    const lists: DocumentedListSnapshot[] = [];
    const seen = new Map<number, Known>();
    for (const kind of [0, 1]) {
      for (const address of glanceAtLists(this.#region, kind)) {
        const reading = readDescriptor(this.#region, address);
        if (reading === null || seen.has(address)) continue;
        const known = this.#knownOf(reading);
        seen.set(address, known);
        lists.push(snapshotOf(reading, kind, known));
      }
    }
    this.#known = seen;
    return lists;
  }

  #knownOf(reading: DescriptorReading): Known {
    const known = this.#known.get(reading.address);
    const { facts, changes } = reading;
    if (known?.facts === facts) {
      const grown = (changes - known.changes + 2 * CHANGES_HALF) % (2 * CHANGES_HALF);
      if (grown < CHANGES_HALF) {
        known.changes = changes;
        return known;
      }
    }
    this.#serial++;
    return { facts, changes, serial: this.#serial, counters: new CounterGroup(COUNTERS) };
  }
}

function snapshotOf(
  reading: DescriptorReading,
  kind: number,
  { counters, serial }: Known,
): DocumentedListSnapshot {
  const allocateMisses = counters.note(ALLOCATE_MISSES, reading.allocateMisses);
  const allocates = counters.note(ALLOCATE_HITS, reading.allocateHits) + allocateMisses;
  const freeMisses = counters.note(FREE_MISSES, reading.freeMisses);
  const frees = counters.note(FREE_HITS, reading.freeHits) + freeMisses;
  const { address, size, parked } = reading;
  const allocateWord = reading.allocateHits + reading.allocateMisses;
  const held = atLeastNone((allocateWord - reading.freeHits - reading.freeMisses) | 0);
  const family = FAMILIES[reading.family] ?? "Ex";
  return Object.freeze({
    kind: "documented",
    id: `documented-${address.toString(16)}-${serial}`,
    name: `${family} list @ 0x${address.toString(16)}`,
    tag: tagText(reading.tag),
    pool: poolName(kind),
    address,
    family,
    type: reading.type,
    size,
    depth: reading.depth,
    maximumDepth: reading.maximumDepth,
    allocates,
    allocateMisses,
    frees,
    freeMisses,
    allocateHitRate: hitRate(allocates, allocateMisses),
    freeHitRate: hitRate(frees, freeMisses),
    parked,
    held,
    parkedBytes: parked * size,
    heldBytes: held * size,
    trimmed: reading.removed,
  } as const);
}
