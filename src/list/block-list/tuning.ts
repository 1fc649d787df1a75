/**
 * How the depth of a block list follows its use: one thread's part in it.
 *
 * Two moments. **Proof of need**: a free found no room, and then an allocation had to ask the pool; depth
 * grows at once, in the thread that saw the miss, whichever thread saw the free. **Tick**: every thread
 * that has the list open notes which blocks of its ring nobody needed; one of them, whoever comes first in
 * a visit, takes these notes, runs the policy and sets depth; and each gives up idle blocks of its own
 * while the list is in debt of credits.
 *
 * Only a thread itself can release what is in its ring, so what a thread without ticks has parked stays
 * until it is allocated. Everything that is noted in the record for all this is a hint: a thread may end
 * between two notes and no law is broken, only a depth is a little less good.
 */
import type { LookasideError } from "../../base/index.js";
import {
  add,
  compareExchange,
  load,
  peek,
  type Region,
  store,
  type Words,
} from "../../memory/index.js";
import {
  type CompletePolicy,
  type DepthPolicy,
  type DepthSample,
  POLICY_OWN,
  POLICY_PARAMETERS,
  patienceOf,
  releasesIdle,
  ruleOf,
  runRule,
} from "../depth/index.js";
import { BUSY, memoryPrice, type ParkedBudget } from "../parked-budget.js";
import { changeDepth, creditsLeft } from "./credits.js";
import type { Depot } from "./depot.js";
import { PART, partOf, RECORD, type RecordPlace } from "./record.js";
import type { Ring } from "./ring.js";

/** The policy that a record names; a function of a user's own is the one that this thread gave. */
function policyOf(place: RecordPlace, own: DepthPolicy | null): CompletePolicy {
  const word = (offset: number): number => load(place.words, place.at + offset);
  const parameters = Array.from({ length: POLICY_PARAMETERS }, (_, at) =>
    word(RECORD.PARAMETERS + at),
  );
  return { number: word(RECORD.POLICY), parameters, own };
}

/** What a tuning works on. */
export interface TuningParts {
  readonly ring: Ring;
  readonly depot: Depot;
  readonly budget: ParkedBudget;
  /** Gives an idle block back to the pool. */
  readonly release: (state: number) => void;
}

/** One thread's tuning of one list. */
export class Tuning {
  readonly #region: Region;
  readonly #words: Words;
  readonly #place: RecordPlace;
  readonly #part: number;
  readonly #ring: Ring;
  readonly #depot: Depot;
  readonly #budget: ParkedBudget;
  readonly #release: (state: number) => void;
  readonly #title: string;
  readonly #bytes: number;
  readonly #maximumDepth: number;
  #policy: CompletePolicy;
  #rule: DepthPolicy | null;
  /** Whether a lowered depth gives up idle blocks, and whether proof of need is worth noting. */
  readonly #releases: boolean;
  /** Blocks of the ring that were idle when it last aged. */
  #idle = 0;
  /** Ticks since the ring aged. */
  #ticks = 0;
  /** The visit in which the budget refused growth, or -1: until the next one it is not asked again. */
  #refusedAt = -1;
  #move: { readonly before: number; readonly after: number } | null = null;
  /** What a policy of the user's own did wrong on proof of need: the next tick throws it. */
  #fault: LookasideError | null = null;

  constructor(
    region: Region,
    place: RecordPlace,
    thread: number,
    parts: TuningParts,
    own: DepthPolicy | null,
    title: string,
  ) {
    this.#region = region;
    this.#words = place.words;
    this.#place = place;
    this.#part = partOf(place, thread);
    this.#ring = parts.ring;
    this.#depot = parts.depot;
    this.#budget = parts.budget;
    this.#release = parts.release;
    this.#title = title;
    this.#bytes = peek(place.words, place.at + RECORD.SIZE);
    this.#maximumDepth = peek(place.words, place.at + RECORD.MAXIMUM_DEPTH);
    this.#policy = policyOf(place, own);
    this.#rule = ruleOf(this.#policy);
    this.#releases = releasesIdle(this.#policy);
  }

  /** Takes up a function of the user's own that a later opening gave. */
  takeUp(own: DepthPolicy | null): void {
    if (own === null || this.#policy.number !== POLICY_OWN) return;
    this.#policy = policyOf(this.#place, own);
    this.#rule = own;
  }

  /** Depth before this thread changed it, and after: until it is taken. Observers are told of it then. */
  takeMove(): { readonly before: number; readonly after: number } | null {
    const move = this.#move;
    this.#move = null;
    return move;
  }

  /** Notes a free that found no room. */
  rejected(): void {
    if (this.#releases) add(this.#words, this.#place.at + RECORD.REJECTED, 1);
  }

  /** Lets depth grow if a free was rejected before this miss. */
  missed(): void {
    if (!this.#releases) return;
    const rejected = load(this.#words, this.#place.at + RECORD.REJECTED);
    const depth = load(this.#words, this.#place.at + RECORD.DEPTH);
    if (rejected <= 0 || depth >= this.#maximumDepth || this.#rule === null) return;
    try {
      const next = runRule(this.#rule, this.#sample(true, depth, rejected), this.#title);
      const grown = this.#grow(depth, next) - depth;
      if (grown > 0) add(this.#words, this.#place.at + RECORD.REJECTED, -grown);
    } catch (error) {
      this.#setAside(error as LookasideError);
    }
  }

  /** Lets depth grow so that `count` more blocks can be parked, as far as ceiling and budget allow. */
  want(count: number): void {
    if (!this.#releases) return;
    const depth = load(this.#words, this.#place.at + RECORD.DEPTH);
    const missing = count - Math.max(0, creditsLeft(this.#place)) - this.#ring.room;
    if (missing > 0) this.#grow(depth, Math.min(this.#maximumDepth, depth + missing));
  }

  /**
   * What this thread does for the list once a period.
   * @throws {LookasideError} ERR_DEPTH_POLICY, once: the policy is set aside in this thread then.
   */
  tick(): void {
    this.#pay();
    const price = memoryPrice(this.#region);
    const patience = patienceOf(this.#policy, this.#bytes, price);
    const stride = Math.max(1, patience >> 1);
    this.#ticks++;
    if (this.#ticks >= stride) {
      this.#ticks = 0;
      this.#idle = this.#ring.age(patience > 1);
      store(this.#words, this.#part + PART.IDLE, this.#idle);
    }
    if (price > 1 && this.#releases) this.#ring.returnRoom(1);
    try {
      this.#adjust(stride, patience > 1, price);
    } catch (error) {
      this.#setAside(error as LookasideError);
    }
    this.#pay();
    const fault = this.#fault;
    this.#fault = null;
    if (fault !== null) throw fault;
  }

  /** Runs the policy, if this thread is the first to come in a visit that is due. */
  #adjust(stride: number, isPatient: boolean, price: number): void {
    const rule = this.#rule;
    if (rule === null) return;
    const { words, at } = this.#place;
    const visits = this.#budget.visits;
    const seen = load(words, at + RECORD.SEEN);
    if (((visits - seen) | 0) < stride) return;
    if (compareExchange(words, at + RECORD.SEEN, seen, visits) !== seen) return;
    const counts = this.#counts();
    const slots = this.#depot.age(isPatient);
    const rejected = load(words, at + RECORD.REJECTED);
    // What was rejected before the last adjustment is no sign of need any more.
    const kept = Math.min(Math.max(0, rejected), counts.freeMisses);
    add(words, at + RECORD.REJECTED, kept - rejected);
    const depth = load(words, at + RECORD.DEPTH);
    const idle = this.#takeIdle() + this.#depot.parkedBelow(slots);
    const next = runRule(
      rule,
      {
        ...this.#sample(false, depth, kept),
        ...counts,
        idle,
        unused: Math.max(0, creditsLeft(this.#place)),
        price,
      },
      this.#title,
    );
    store(words, at + RECORD.SURPLUS, Math.min(idle, Math.max(0, depth - next)));
    if (next > depth) this.#grow(depth, next);
    else if (next < depth && changeDepth(this.#place, depth, next)) this.#moved(depth, next);
    // Set by hand meanwhile: that holds.
  }

  /** Lets depth grow within the budget. Gives back what it is then. */
  #grow(depth: number, next: number): number {
    const { visits } = this.#budget;
    if (next <= depth || this.#refusedAt === visits) return depth;
    const grown = this.#budget.growBlocks(this.#place, depth, next);
    if (grown === BUSY) return depth;
    if (grown < next) this.#refusedAt = visits;
    if (grown > depth) this.#moved(depth, grown);
    return grown;
  }

  /** Gives up idle blocks that the list has too many of: those of the depot are older than the ring's. */
  #pay(): void {
    if (!this.#releases) {
      this.#ring.repay();
      return;
    }
    this.#ring.repayRoom();
    if (this.#surplus() > 0) this.#drainDepot();
    const wanted = Math.max(this.#surplus(), this.#ring.overhang);
    const idle = Math.min(this.#idle, this.#ring.floor, wanted);
    if (idle <= 0) return;
    this.#idle -= idle;
    this.#ring.shed(idle, this.#release);
    add(this.#words, this.#place.at + RECORD.SURPLUS, -idle);
  }

  /** Blocks that are to go: what the policy has taken off, or what depth no longer allows. */
  #surplus(): number {
    return Math.max(load(this.#words, this.#place.at + RECORD.SURPLUS), -creditsLeft(this.#place));
  }

  #drainDepot(): void {
    const slots = this.#depot.idleSlots();
    let drained = 0;
    for (let slot = 0; slot < slots; slot++) {
      const parked = this.#depot.parkedIn(slot);
      if (parked === 0) continue;
      if (parked > this.#surplus() && creditsLeft(this.#place) >= 0) break; // depth holds: be exact
      const released = this.#ring.drain(slot, this.#release);
      if (released === 0) continue;
      drained++;
      add(this.#words, this.#place.at + RECORD.SURPLUS, -released);
    }
    if (drained > 0) this.#depot.sink(drained);
  }

  /** What the rings of all threads did not need; each note is taken once. */
  #takeIdle(): number {
    let idle = 0;
    for (let thread = 1; thread <= this.#region.layout.threadCapacity; thread++) {
      const word = partOf(this.#place, thread) + PART.IDLE;
      const seen = load(this.#words, word);
      if (seen > 0 && compareExchange(this.#words, word, seen, 0) === seen) idle += seen;
    }
    return idle;
  }

  /** A sample without counters: all that a proof of need has. */
  #sample(proof: boolean, depth: number, rejected: number): DepthSample {
    return {
      depth,
      maximumDepth: this.#maximumDepth,
      bytes: this.#bytes,
      proof,
      rejected,
      allocates: 0,
      misses: 0,
      frees: 0,
      freeMisses: 0,
      parked: 0,
      idle: 0,
      unused: 0,
      price: memoryPrice(this.#region),
    };
  }

  /** What was counted since the last adjustment, and what is parked. */
  #counts(): Pick<DepthSample, "allocates" | "misses" | "frees" | "freeMisses" | "parked"> {
    const sum = (counter: number): number => {
      let total = 0;
      for (let thread = 1; thread <= this.#region.layout.threadCapacity; thread++)
        total = (total + load(this.#words, partOf(this.#place, thread) + counter)) | 0;
      return total;
    };
    const since = (total: number, last: number): number => {
      const word = this.#place.at + last;
      const before = load(this.#words, word);
      store(this.#words, word, total);
      return Math.max(0, (total - before) | 0); // two late visits may have crossed: then 0
    };
    const [allocates, misses] = [sum(PART.ALLOCATES), sum(PART.ALLOCATE_MISSES)];
    const [frees, freeMisses] = [sum(PART.FREES), sum(PART.FREE_MISSES)];
    const kept = sum(PART.RESERVED) - sum(PART.TRIMMED);
    return {
      allocates: since(allocates, RECORD.LAST_ALLOCATES),
      misses: since(misses, RECORD.LAST_ALLOCATE_MISSES),
      frees: since(frees, RECORD.LAST_FREES),
      freeMisses: since(freeMisses, RECORD.LAST_FREE_MISSES),
      parked: Math.max(0, (frees - freeMisses - (allocates - misses) + kept) | 0),
    };
  }

  #moved(before: number, after: number): void {
    this.#move = { before: this.#move?.before ?? before, after };
  }

  /** Keeps a fault for the next tick, and runs the policy no more in this thread. */
  #setAside(fault: LookasideError): void {
    this.#fault = fault;
    this.#rule = null;
  }
}
