/**
 * A thread's pool in every case: all sizes, quotas, the simulation of low resources, all kinds of misuse.
 *
 * {@link Pool} adds the short way for the common case; what it finishes there has the same outcome here.
 */
import { CHUNK_BYTES } from "../base/index.js";
import { compareExchange, HEADER, load, peek, poke, type Region } from "../memory/index.js";
import { BlockFinder } from "./block-finder.js";
import { Claims } from "./claims.js";
import { blockBytesAt } from "./geometry.js";
import { type BlockRecord, blockAround, inspect, isFree, kindAt } from "./inspect.js";
import { ALREADY_FREE, FREED, IS_PARKED, NOT_A_BLOCK, type Refusal, WRONG_TAG } from "./outcome.js";
import { BYTES_BY_SLOT, canRemember, type Own, ownOf, recall, remember } from "./own.js";
import { chargeQuota, returnQuota } from "./quota.js";
import { releaseRun, releaseYieldedRuns, takeRun } from "./run.js";
import { BODY, NONPAGED, PAGED, payloadOf, poolKindOf, RUN, SLAB, typeOf } from "./run-table.js";
import { noteSharedTag, SHARED_TAG_BYTES_MIN, tagOfBlock } from "./shared-tags.js";
import { Simulation } from "./simulation.js";
import { cacheAlignedClassOf, classOf, SLAB_BLOCK_BYTES_MAX } from "./size-classes.js";
import { kindOfSlot, slotOf, unmakeEmptySlabs } from "./slab.js";
import {
  accountOf,
  billWord,
  CACHED,
  FREE,
  HELD,
  kindOf,
  PARKED,
  SLACK,
  SLACK_APART,
  slackAt,
  slackOf,
  stateWord,
  tagIndexOf,
} from "./state-word.js";
import { TagTally } from "./tags.js";
import { countFailure } from "./verifier-counters.js";

/* Own copies of constants: see pool.ts. */
const FREE_STATE = stateWord(FREE, 0, 0);
const APART = SLACK_APART;
const HELD_KIND = HELD;
const SLAB_ENTRY = SLAB;
const { SIMULATION } = HEADER;
const SLAB_BYTES_MAX = SLAB_BLOCK_BYTES_MAX;
const SHARED_MIN = SHARED_TAG_BYTES_MIN;
const bytesBySlot = BYTES_BY_SLOT;

/** One thread's pool, without the short way. */
export class CompletePool {
  readonly region: Region;
  readonly thread: number;
  /** Why the last allocation gave 0. */
  refusal: Refusal = "none";
  /** Where this thread may have blocks of lists. */
  readonly claims: Claims;

  protected readonly own: Own;
  readonly #finder: BlockFinder;
  readonly #tally: TagTally;
  readonly #simulation: Simulation;

  constructor(region: Region, thread: number) {
    this.region = region;
    this.thread = thread;
    this.claims = new Claims(region, thread);
    this.#tally = new TagTally(region, thread);
    this.#simulation = new Simulation(region, thread);
    this.own = ownOf(region, thread, this.#tally.byteOf(0, 0));
    this.#finder = new BlockFinder(region, this.own);
  }

  /**
   * Allocates `bytes` (at least 1) under `tag` from pool `kind`. Gives back the address, or 0 with the
   * reason in {@link CompletePool.refusal}. The bytes are not initialized.
   *
   * @param aligned whole cache lines: the block starts on a multiple of 64.
   * @param nx recorded in the block, and nothing more: nothing executes this memory.
   * @param account the quota account to charge, or 0.
   */
  allocate(
    kind: number,
    bytes: number,
    tag: number,
    aligned: boolean,
    nx: number,
    account: number,
    blockBytesMin: number,
  ): number {
    if (peek(this.own.words, SIMULATION) !== 0 && this.#simulation.shouldFail(tag))
      return this.refuse("simulated");
    if (account !== 0 && !chargeQuota(this.region, account, kind, bytes))
      return this.refuse("quota");
    const tagIndex = this.#tagIndexOf(tag);
    const isShared = tagIndex === 0;
    const least = isShared && blockBytesMin < SHARED_MIN ? SHARED_MIN : blockBytesMin;
    const room = bytes > least ? bytes : least;
    let address = 0;
    if (room <= SLAB_BYTES_MAX) {
      const slot = slotOf(kind, aligned ? cacheAlignedClassOf(room) : classOf(room));
      address = this.#takeBlock(slot, bytes, nx, tagIndex, account);
    } else {
      const bill = billWord(nx, tagIndex, account, SLACK_APART);
      const { held } = this.own;
      address = takeRun(this.region, this.thread, { kind, bytes, room, bill, held });
      if (address !== 0) this.#tally.allocated(tagIndex, kind, bytes);
    }
    if (address !== 0) {
      if (isShared) noteSharedTag(this.own.words, this.own.states + (address >>> 4), tag);
      return address;
    }
    if (account !== 0) returnQuota(this.region, account, kind, bytes);
    return this.refuse("limit");
  }

  /**
   * The same for a list, which makes the block HELD when it has noted and counted it. Until then it is CACHED
   * by this thread: whoever recovers the thread then knows that no user has it.
   */
  allocateForList(kind: number, bytes: number, tag: number, blockBytesMin: number): number {
    return this.#allocateAs(stateWord(CACHED, this.thread, 0), kind, bytes, tag, blockBytesMin);
  }

  /**
   * The same for the record of a list or a channel: HELD by nobody from the first instant on. Callers hold
   * the set lock; whoever takes that over from them frees the records that nothing names.
   */
  allocateForRecord(kind: number, bytes: number, tag: number): number {
    return this.#allocateAs(stateWord(HELD, 0, 0), kind, bytes, tag, 0);
  }

  #allocateAs(held: number, kind: number, bytes: number, tag: number, least: number): number {
    const { own } = this;
    const before = own.held;
    own.held = held;
    try {
      return this.allocate(kind, bytes, tag >>> 0, false, 0, 0, least);
    } finally {
      own.held = before;
    }
  }

  #takeBlock(slot: number, bytes: number, nx: number, tagIndex: number, account: number): number {
    const { own } = this;
    const slack = (bytesBySlot[slot] as number) - bytes;
    const bill = billWord(nx, tagIndex, account, slack);
    const tally = this.#tally.byteOf(tagIndex, kindOfSlot(slot));
    let address = recall(own, slot);
    if (address !== 0) {
      const state = (own.states + (address >>> 4)) << 2;
      const free = stateWord(FREE, slot, 0);
      if (own.claimBlock(state, free, own.held, bill, tally, bytes) === 0) address = 0;
    }
    if (address === 0) address = this.#finder.take(slot, bill, tally, bytes);
    if (address !== 0 && slack >= APART)
      poke(own.words, own.states + (address >>> 4) + SLACK, slack);
    return address;
  }

  #tagIndexOf(tag: number): number {
    if (tag === this.own.tag) return this.own.tagIndex;
    const index = this.#tally.indexOf(tag);
    if (index === 0) return 0; // a shared slot says of no block what its tag is: not for the short ways
    this.own.tagIndex = index;
    this.own.tag = tag;
    return index;
  }

  /** Counts a failed allocation, and says why. Gives back 0. */
  refuse(reason: Refusal): number {
    this.refusal = reason;
    countFailure(this.region, this.thread, reason === "simulated");
    return 0;
  }

  /**
   * Frees the block at `address`. Gives back {@link FREED}, or why nothing was freed. With a tag (not
   * -1) the block must have been allocated under it.
   */
  free(address: number, tag: number): number {
    return this.#release(address, tag, HELD_KIND);
  }

  /**
   * Takes a held block from its user: CACHED by this thread, which frees it by {@link freeForList} when it
   * has done with its bytes what it has to. Gives back {@link FREED}, or what {@link free} would.
   */
  seize(address: number, tag: number): number {
    const { words, states, dataByte, endByte } = this.own;
    if ((address & 15) !== 0 || address < dataByte || address >= endByte) return NOT_A_BLOCK;
    const state = states + (address >>> 4);
    const seen = load(words, state);
    if (kindOf(seen) !== HELD_KIND) return outcomeOfKind(kindOf(seen));
    if (tag !== -1 && tagOfBlock(this.region, state, peek(words, state + 1)) !== tag >>> 0)
      return WRONG_TAG;
    this.claims.note(state); // CL-1
    const cached = stateWord(CACHED, this.thread, seen);
    return compareExchange(words, state, seen, cached) === seen ? FREED : ALREADY_FREE;
  }

  /**
   * Frees a block that is CACHED by this thread, for a list or for whoever recovers a thread: if it dies
   * on the way, the block is still CACHED, and no user's.
   */
  freeForList(address: number): number {
    return this.#release(address, -1, CACHED);
  }

  #release(address: number, tag: number, kind: number): number {
    const { words, states, dataByte, endByte, runs } = this.own;
    if ((address & 15) !== 0 || address < dataByte || address >= endByte) return NOT_A_BLOCK;
    const state = states + (address >>> 4);
    const seen = peek(words, state); // a stale value only makes the compare-exchange fail
    if (seen >>> 28 !== kind) return outcomeOfKind(kindOf(seen));
    const bill = peek(words, state + 1);
    if (tag !== -1 && tagOfBlock(this.region, state, bill) !== tag >>> 0) return WRONG_TAG;
    const chunk = (address - dataByte) >>> 16;
    const entry = peek(words, runs + chunk);
    if (entry >>> 28 === SLAB_ENTRY)
      return this.#freeBlock(address, chunk, payloadOf(entry), seen, bill);
    if (typeOf(entry) === RUN) return this.#freeRun(address, chunk, entry, seen, bill);
    if (typeOf(entry) !== BODY) return NOT_A_BLOCK; // the block went away under two frees at once
    const first = chunk - payloadOf(entry);
    return this.#freeBlock(address, first, payloadOf(peek(words, runs + first)), seen, bill);
  }

  /** Frees a block of the slab that starts at `chunk`: remembers it, or shows it when the row is full. */
  #freeBlock(address: number, chunk: number, slot: number, seen: number, bill: number): number {
    const { own } = this;
    const remembers = canRemember(own, slot);
    if (!remembers) this.#finder.show(address, chunk, slot);
    if (!this.#yield(address, slot, seen, bill)) return ALREADY_FREE;
    if (remembers) remember(own, slot, address);
    else this.#finder.unmakeIfEmpty(address, chunk, slot);
    return FREED;
  }

  /** Gives up a block of a slab and settles its bill. Gives back false when somebody else was first. */
  #yield(address: number, slot: number, seen: number, bill: number): boolean {
    const { own } = this;
    const state = own.states + (address >>> 4);
    const blockBytes = bytesBySlot[slot] as number;
    if (seen >>> 28 === HELD_KIND && accountOf(bill) === 0 && slackOf(bill) < APART) {
      const tallies = this.#tally.byteOf(0, kindOfSlot(slot));
      return own.yieldBlock(state << 2, FREE_STATE | (slot << 20), tallies, blockBytes, -1) !== 0;
    }
    const bytes = blockBytes - slackAt(own.words, state, bill);
    if (compareExchange(own.words, state, seen, stateWord(FREE, slot, seen)) !== seen) return false;
    this.#settle(bill, kindOfSlot(slot), bytes);
    return true;
  }

  #freeRun(address: number, chunk: number, entry: number, seen: number, bill: number): number {
    const state = this.own.states + (address >>> 4);
    const bytes = payloadOf(entry) * CHUNK_BYTES - slackAt(this.own.words, state, bill);
    if (!releaseRun(this.region, this.thread, chunk, seen)) return ALREADY_FREE;
    this.#settle(bill, poolKindOf(entry), bytes);
    return FREED;
  }

  #settle(bill: number, kind: number, bytes: number): void {
    const account = accountOf(bill);
    if (account !== 0) returnQuota(this.region, account, kind, bytes);
    this.#tally.freed(tagIndexOf(bill), kind, bytes);
  }

  /** What the pool knows of the held or parked block at `address`, or null when none starts there. */
  inspect(address: number): BlockRecord | null {
    return inspect(this.region, address);
  }

  /** The kind of pool an address lies in, held or free, or -1 when it lies in no run. */
  kindAt(address: number): number {
    return kindAt(this.region, address);
  }

  /** Bytes of the block that an address of a slab or a run lies in. */
  blockBytesAt(address: number): number {
    return blockBytesAt(this.region, address);
  }

  /** The held or parked block that an address lies in, or null. */
  blockAround(address: number): BlockRecord | null {
    return blockAround(this.region, address);
  }

  /** Whether an address where blocks can be lies in none that is held or parked. */
  isFree(address: number): boolean {
    return isFree(this.region, address);
  }

  /** Gives slabs without a held block back, so that any size can use their memory. Chunks given back. */
  trim(): number {
    let chunks = 0;
    for (const kind of [NONPAGED, PAGED]) {
      chunks += releaseYieldedRuns(this.region, this.thread, kind);
      chunks += unmakeEmptySlabs(this.region, this.thread, kind);
    }
    return chunks;
  }
}

/** What a free of a state that is not held comes to. */
function outcomeOfKind(kind: number): number {
  return kind === FREE ? ALREADY_FREE : kind === PARKED ? IS_PARKED : NOT_A_BLOCK;
}
