/**
 * Interlocked words and sequenced lists (AssemblyScript, not TypeScript).
 *
 * WebAssembly is used for the one thing that JavaScript cannot do at speed: a 64-bit compare-and-exchange.
 * Rebuild with `npm run build:wasm`; the bytes are committed and a test holds them against this source.
 *
 * List header, 16 bytes, 16-byte aligned (the place and size of an x64 SLIST_HEADER; the parts are private):
 *
 *      byte 0                                  8                                       16
 *           +-----------------------------------+---------------------------------------+
 *           | removed (56 bits)     | family    | head                                  |
 *           +-----------------------------------+---------------------------------------+
 *      bit                                       0            35 36                   63
 *                                               +---------------+-----------------------+
 *      head =                                   | sequence      | first entry / 16      |
 *                                               +---------------+-----------------------+
 *
 *   removed   entries ever flushed. Writers: whoever flushed, atomic add; only grows. Readers: settle.
 *   family    what kind of documented list this is, or 0. Writer: initialization. Readers: checked mode.
 *   head      writers: push, pop, flush, by compare-exchange only. The sequence grows by one with every push
 *             and every pop, so a head that was seen twice was never changed in between: it comes round after
 *             2^36 changes, which at 20 million changes a second takes 57 minutes of one thread's stall
 *             between its load and its compare-exchange, hit to the exact change.
 *
 * Parked entry, its first 8 bytes:
 *
 *           +-------------------+-------------------+
 *           | next entry, or 0  | parked, this      |
 *           |                   | one included      |
 *           +-------------------+-------------------+
 *   writers: the pusher, before its compare-exchange publishes the entry. After a pop they are the new
 *   holder's bytes: a reader that lost the race may read garbage, and its compare-exchange then fails.
 *
 * Why every loop below ends: a compare-exchange fails only because another thread's succeeded.
 */
import {
  add32, add64, and32, compareExchange32, compareExchange64, exchange32, load32, load64, or32, peek16,
  peek32, poke32, store64,
} from "./door";

const HEAD: u32 = 8;
const LINK_COUNT: u32 = 4;
const SEQUENCE_BITS: u64 = 36;
const SEQUENCE_MASK: u64 = (1 << SEQUENCE_BITS) - 1;

const REMOVED_MASK: u64 = (1 << 56) - 1;

// Fields of a lookaside list descriptor that the hot paths touch: the drawing is in src/list/descriptor.ts.
const DEPTH: u32 = 0x10;
export const TOTAL_ALLOCATES: u32 = 0x14;
const ALLOCATE_MISSES: u32 = 0x18;
export const TOTAL_FREES: u32 = 0x1c;
const FREE_MISSES: u32 = 0x20;
const POPS_AT_RESET: u32 = 0x58;
const PUSHES_AT_RESET: u32 = 0x5c;

// HEADER.CAREFUL of src/memory/layout.ts: 0 while blocks may go the short way. A plain look will do: a thread
// that learned of the reason in any other way sees it, the others at one of their next calls.
const CAREFUL: u32 = 4096 + 38 * 4;

// A block's words in the shadow, and a thread's tally of one tag, for the two operations that are a whole
// allocate and a whole free of the pool: the drawings are in src/pool/state-word.ts and src/pool/tags.ts.
const KIND_SHIFT: u32 = 28;
const HELD: u32 = 0xa;
const BILL: u32 = 4;
const SLACK_MASK: u32 = 0xfff;
const ACCOUNT_MASK: u32 = 0xf_f000;
const TAG_SHIFT: u32 = 20;
const TAG_MASK: u32 = 0x3ff;
const TALLY_PAIR_SHIFT: u32 = 6;
const PREFIX_SHIFT: u32 = 20;
const GENERATION_MASK: u32 = (1 << PREFIX_SHIFT) - 1;
const ALLOCS: u32 = 0;
const FREES: u32 = 4;
const BYTES_ALLOCATED: u32 = 8;
const BYTES_FREED: u32 = 12;
const PEAK: u32 = 16;

// @ts-ignore: decorator
@inline function entryOf(head: u64): u32 {
  return <u32>(head >> SEQUENCE_BITS) << 4;
}

// @ts-ignore: decorator
@inline function headOf(entry: u32, sequence: u64): u64 {
  return (<u64>(entry >> 4) << SEQUENCE_BITS) | (sequence & SEQUENCE_MASK);
}

/** Makes the header an empty list. */
export function initialize(list: u32): void {
  store64(list, 0);
  store64(list + HEAD, 0);
}

/** Puts an entry at the front. Gives back the entry that was first before, or 0. */
export function push(list: u32, entry: u32): u32 {
  let seen = load64(list + HEAD);
  while (true) {
    const first = entryOf(seen);
    const count: u32 = first ? peek32(first + LINK_COUNT) : 0;
    poke32(entry, first);
    poke32(entry + LINK_COUNT, count + 1);
    const now = compareExchange64(list + HEAD, seen, headOf(entry, seen + 1)); // publishes the entry
    if (now == seen) return first;
    seen = now;
  }
}

/** Takes the first entry. Gives back 0 when there is none. */
export function pop(list: u32): u32 {
  let seen = load64(list + HEAD);
  while (true) {
    const first = entryOf(seen);
    if (!first) return 0;
    const next = peek32(first);
    const now = compareExchange64(list + HEAD, seen, headOf(next, seen + 1)); // the entry is the caller's
    if (now == seen) return first;
    seen = now;
  }
}

/** Takes all entries at once. Gives back the first, its chain intact, or 0. */
export function flush(list: u32): u32 {
  let seen = load64(list + HEAD);
  while (true) {
    const first = entryOf(seen);
    if (!first) return 0;
    const count = peek32(first + LINK_COUNT);
    const now = compareExchange64(list + HEAD, seen, headOf(0, seen));
    if (now == seen) {
      add64(list, count);
      return first;
    }
    seen = now;
  }
}

/** Entries parked now: a snapshot. */
export function count(list: u32): u32 {
  let seen = load64(list + HEAD);
  while (true) {
    const first = entryOf(seen);
    if (!first) return 0;
    const parked = peek32(first + LINK_COUNT);
    const now = load64(list + HEAD);
    if (now == seen) return parked;
    seen = now;
  }
}

/** The first entry without taking it: a snapshot. */
export function first(list: u32): u32 {
  return entryOf(load64(list + HEAD));
}

/** The low 32 bits of the sequence: for reports only. */
export function sequence(list: u32): u32 {
  return <u32>load64(list + HEAD);
}

/**
 * Allocate of a documented list: counts the call, takes the first entry, counts a miss when there is none.
 * The total is a plain increment, as on the real system: `settle` makes it exact.
 */
export function take(list: u32): u32 {
  const entry = pop(list);
  poke32(list + TOTAL_ALLOCATES, peek32(list + TOTAL_ALLOCATES) + 1);
  if (!entry) add32(list + ALLOCATE_MISSES, 1);
  return entry;
}

/**
 * Parks an entry if fewer than Depth are parked; gives back 1, or 0 when the list is full. Counts nothing.
 * Comparing and parking are one step, so Depth is never passed, however many threads free at once.
 */
// @ts-ignore: decorator
@inline export function parkBelowDepth(list: u32, entry: u32): u32 {
  let seen = load64(list + HEAD);
  while (true) {
    const first = entryOf(seen);
    const parked: u32 = first ? peek32(first + LINK_COUNT) : 0;
    if (parked >= peek16(list + DEPTH)) {
      // The count is only true if the entry was still first when it was read.
      const now = load64(list + HEAD);
      if (now == seen) return 0;
      seen = now;
      continue;
    }
    poke32(entry, first);
    poke32(entry + LINK_COUNT, parked + 1);
    const now = compareExchange64(list + HEAD, seen, headOf(entry, seen + 1)); // publishes the entry
    if (now == seen) return 1;
    seen = now;
  }
}

/**
 * Free of a documented list: counts the call and parks the entry if fewer than Depth are parked.
 * Gives back 1, or 0 when the list is full: a counted miss, and the entry is still the caller's.
 */
export function park(list: u32, entry: u32): u32 {
  const parked = parkBelowDepth(list, entry);
  poke32(list + TOTAL_FREES, peek32(list + TOTAL_FREES) + 1);
  if (parked) return 1;
  add32(list + FREE_MISSES, 1);
  return 0;
}

/**
 * Writes the exact totals of a documented list into its descriptor.
 *
 * The head knows them: its sequence is pushes + pops, and parked + removed is pushes - pops. A total is the
 * hits so found plus the misses, which are counted atomically. Exact whenever no flush is in flight.
 */
export function settle(list: u32): void {
  let seen = load64(list + HEAD);
  let parked: u32 = 0;
  while (true) {
    const first = entryOf(seen);
    parked = first ? peek32(first + LINK_COUNT) : 0;
    const now = load64(list + HEAD);
    if (now == seen) break;
    seen = now;
  }
  const changes = seen & SEQUENCE_MASK;
  const gone = <u64>parked + (load64(list) & REMOVED_MASK);
  const pushes = <u32>((changes + gone) >> 1);
  const pops = <u32>((changes - gone) >> 1);
  poke32(list + TOTAL_ALLOCATES, load32(list + ALLOCATE_MISSES) + pops - peek32(list + POPS_AT_RESET));
  poke32(list + TOTAL_FREES, load32(list + FREE_MISSES) + pushes - peek32(list + PUSHES_AT_RESET));
}

/** Starts the counters of a documented list at zero again. The caller keeps other threads off the list. */
export function reset(list: u32): void {
  poke32(list + POPS_AT_RESET, 0);
  poke32(list + PUSHES_AT_RESET, 0);
  poke32(list + ALLOCATE_MISSES, 0);
  poke32(list + FREE_MISSES, 0);
  settle(list);
  poke32(list + POPS_AT_RESET, peek32(list + TOTAL_ALLOCATES));
  poke32(list + PUSHES_AT_RESET, peek32(list + TOTAL_FREES));
  settle(list);
}

/** Adds to the word and gives back the value before. */
export function exchangeAdd(address: u32, value: u32): u32 {
  return add32(address, value);
}

/** Puts a value into the word and gives back the value before. */
export function exchange(address: u32, value: u32): u32 {
  return exchange32(address, value);
}

/** Sets bits of the word and gives back the value before. */
export function setBits(address: u32, bits: u32): u32 {
  return or32(address, bits);
}

/** Clears bits of the word and gives back the value before. */
export function clearBits(address: u32, bits: u32): u32 {
  return and32(address, ~bits);
}

/** Puts a value into the word if it holds `expected`; gives back what it held. */
export function compareExchange(address: u32, next: u32, expected: u32): u32 {
  return compareExchange32(address, expected, next);
}

/**
 * Allocate of a pool block that may still be free: takes it, bills it and counts it; gives back 1. Gives
 * back 0, with nothing changed, when it is not free under this prefix, or another thread took it first.
 *
 * `free` and `held` are state words of generation 0. The bill belongs to whoever holds the block and the
 * tally to the calling thread alone, so both are plain, and both come after the compare-exchange.
 */
// @ts-ignore: decorator
@inline export function claimBlock(state: u32, free: u32, held: u32, bill: u32, tally: u32, bytes: u32): u32 {
  const seen = peek32(state);
  if ((seen ^ free) >> PREFIX_SHIFT) return 0;
  const next = held | ((seen + 1) & GENERATION_MASK);
  if (compareExchange32(state, seen, next) != seen) return 0; // else the block is the caller's
  poke32(state + BILL, bill);
  const total = peek32(tally + BYTES_ALLOCATED) + bytes;
  poke32(tally + ALLOCS, peek32(tally + ALLOCS) + 1);
  poke32(tally + BYTES_ALLOCATED, total);
  const net = <i32>(total - peek32(tally + BYTES_FREED));
  if (net > <i32>peek32(tally + PEAK)) poke32(tally + PEAK, net);
  return 1;
}

/**
 * Free of a pool block in the plain case: gives it up and counts it; gives back 1. Gives back 0, with nothing
 * changed, when the caller has to look closer: the block is not held, its tag is not the one of `tagIndex`
 * (-1: any tag will do), a quota account was charged for it, its slack stands in a word of its own, or
 * somebody freed or parked it meanwhile.
 *
 * `tallies` is the calling thread's tally of tag 0 in the block's kind of pool.
 */
// @ts-ignore: decorator
@inline export function yieldBlock(state: u32, free: u32, tallies: u32, blockBytes: u32, tagIndex: i32): u32 {
  const seen = peek32(state);
  if (seen >> KIND_SHIFT != HELD) return 0;
  const bill = peek32(state + BILL);
  const slack = bill & SLACK_MASK;
  const index = (bill >> TAG_SHIFT) & TAG_MASK;
  if ((bill & ACCOUNT_MASK) | u32(slack == SLACK_MASK)) return 0;
  if (tagIndex >= 0 && index != tagIndex) return 0;
  const next = free | (seen & GENERATION_MASK);
  if (compareExchange32(state, seen, next) != seen) return 0; // else the block is anybody's
  const tally = tallies + (index << TALLY_PAIR_SHIFT);
  poke32(tally + FREES, peek32(tally + FREES) + 1);
  poke32(tally + BYTES_FREED, peek32(tally + BYTES_FREED) + (blockBytes - slack));
  return 1;
}

/** The same as claimBlock on the short way; 0, with nothing changed, while that is shut. */
export function claimWhileRunning(
  state: u32, free: u32, held: u32, bill: u32, tally: u32, bytes: u32,
): u32 {
  if (peek32(CAREFUL)) return 0;
  return claimBlock(state, free, held, bill, tally, bytes);
}

/** The same as yieldBlock on the short way; 0, with nothing changed, while that is shut. */
export function yieldWhileRunning(
  state: u32, free: u32, tallies: u32, blockBytes: u32, tagIndex: i32,
): u32 {
  if (peek32(CAREFUL)) return 0;
  return yieldBlock(state, free, tallies, blockBytes, tagIndex);
}
