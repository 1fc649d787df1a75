/**
 * A documented list as someone sees it who only looks: no lock is taken and no word is written, so its
 * totals are worked out from its head instead of being settled in the descriptor.
 *
 * The head's sequence is pushes + pops, and parked + removed is pushes - pops (interlocked.ts). The head is
 * 64 bits wide and read in two halves here, so it is read until two readings agree.
 */
import { load, peek, type Region } from "../memory/index.js";
import { DESCRIPTOR_BYTES, FIELD } from "./descriptor.js";

/** What a descriptor and its head say. Counts are 32-bit words as they are. */
export interface DescriptorReading {
  readonly address: number;
  /** The byte of its family, see wdk/lookaside.ts. */
  readonly family: number;
  readonly depth: number;
  readonly maximumDepth: number;
  readonly parked: number;
  readonly allocateHits: number;
  readonly allocateMisses: number;
  readonly freeHits: number;
  readonly freeMisses: number;
  /** Entries that were ever flushed: 56 bits. */
  readonly removed: number;
  /** Pushes and pops together, modulo 2^36: it falls only when another list is made in the same place. */
  readonly changes: number;
  /** What tells one list from the next in the same place, as far as the descriptor knows. */
  readonly facts: string;
  readonly type: number;
  readonly tag: number;
  readonly size: number;
}

const SEQUENCE_HIGH = 0xf; // the upper four of the 36 bits lie in the head's upper word
const REMOVED_HIGH = 0xff_ffff;
const ATTEMPTS = 64;

/**
 * Reads the list whose descriptor is at an address; null when no descriptor can be there, or its head would
 * not stand still, or leads out of the memory.
 */
export function readDescriptor(region: Region, address: number): DescriptorReading | null {
  if (!region.cover(address + DESCRIPTOR_BYTES)) return null;
  const { words } = region;
  const at = (address + FIELD.ListHead) >>> 2;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const low = load(words, at + 2);
    const high = load(words, at + 3);
    const removedLow = load(words, at) >>> 0;
    const removedHigh = load(words, at + 1);
    const first = (high >>> 4) * 16;
    if (first !== 0 && !region.cover(first + 8)) return null;
    const parked = first === 0 ? 0 : peek(region.words, (first + 4) >>> 2) >>> 0;
    const allocateMisses = load(words, (address + FIELD.AllocateMisses) >>> 2);
    const freeMisses = load(words, (address + FIELD.FreeMisses) >>> 2);
    // Every push and pop moves the lower half; a flush leaves it, but takes the first entry away.
    const stands = load(words, at + 3) === high && load(words, at + 2) === low;
    if (!stands || load(words, at) >>> 0 !== removedLow) continue;
    const removed = (removedHigh & REMOVED_HIGH) * 2 ** 32 + removedLow;
    const changes = (high & SEQUENCE_HIGH) * 2 ** 32 + (low >>> 0);
    return complete(region, address, { parked, removed, changes, allocateMisses, freeMisses });
  }
  return null;
}

interface Head {
  readonly parked: number;
  readonly removed: number;
  readonly changes: number;
  readonly allocateMisses: number;
  readonly freeMisses: number;
}

function complete(region: Region, address: number, head: Head): DescriptorReading {
  const word = (field: number): number => load(region.words, (address + field) >>> 2) >>> 0;
  const { parked, removed, changes } = head;
  const popsAtReset = word(FIELD.PopsAtReset);
  const pushesAtReset = word(FIELD.PushesAtReset);
  const gone = parked + removed;
  const pops = wrap(Math.floor((changes - gone) / 2));
  const pushes = wrap(Math.floor((changes + gone) / 2));
  const limits = word(FIELD.Depth);
  const [type, tag, size] = [word(FIELD.Type), word(FIELD.Tag), word(FIELD.Size)];
  const routines = `${word(FIELD.Allocate)} ${word(FIELD.Free)}`;
  return {
    address,
    family: word(FIELD.ListHead + 4) >>> 24,
    depth: limits & 0xffff,
    maximumDepth: limits >>> 16,
    parked,
    allocateHits: (pops - popsAtReset) | 0,
    allocateMisses: head.allocateMisses,
    freeHits: (pushes - pushesAtReset) | 0,
    freeMisses: head.freeMisses,
    removed,
    changes,
    facts: `${type} ${tag} ${size} ${routines} ${popsAtReset} ${pushesAtReset}`,
    type,
    tag,
    size,
  };
}

/** The lower 32 bits of a whole number, which may be negative. */
function wrap(value: number): number {
  return ((value % 2 ** 32) + 2 ** 32) % 2 ** 32;
}
