/**
 * How the depth of an object list follows its use: the same policies and moments as for block lists
 * (block-list/tuning.ts), for one thread and without shared words.
 *
 * A list that stands alone has no budget and no clock but its own `tick`; a list of a system has the
 * system's.
 */
import type { LookasideError } from "../base/index.js";
import {
  type CompletePolicy,
  type DepthPolicy,
  type DepthSample,
  POLICY_NAMES,
  patienceOf,
  releasesIdle,
  ruleOf,
  runRule,
} from "./depth/index.js";
import { BUSY, type ParkedBudget } from "./parked-budget.js";

/** What a tick has to know of its list. */
export interface ObjectListState {
  readonly allocates: number;
  readonly misses: number;
  readonly frees: number;
  readonly freeMisses: number;
  readonly parked: number;
  /** Objects at the bottom that were not touched since the list aged. */
  readonly floor: number;
}

const NOTHING: ObjectListState = {
  allocates: 0,
  misses: 0,
  frees: 0,
  freeMisses: 0,
  parked: 0,
  floor: 0,
};

/** The tuning of one object list. */
export class ObjectTuning {
  /** Present limit on parked objects. */
  depth: number;
  readonly #policy: CompletePolicy;
  /** What one object costs to keep. */
  readonly bytes: number;
  readonly #maximumDepth: number;
  readonly #title: string;
  readonly #budget: ParkedBudget | null;
  readonly #releases: boolean;
  #rule: DepthPolicy | null;
  #rejected = 0;
  #ticks = 0;
  #floorBefore = 0;
  #idle = 0;
  #last = NOTHING;
  #refusedAt = -1;
  #fault: LookasideError | null = null;

  constructor(
    policy: CompletePolicy,
    depth: number,
    maximumDepth: number,
    bytes: number,
    title: string,
    budget: ParkedBudget | null,
  ) {
    this.#policy = policy;
    this.#rule = ruleOf(policy);
    this.#releases = releasesIdle(policy);
    this.bytes = bytes;
    this.#maximumDepth = maximumDepth;
    this.#title = title;
    this.#budget = budget;
    this.depth = depth;
    budget?.moveObjects(0, depth, bytes);
  }

  /** "idle", "windows", "fixed", or "own" for a function. */
  get policyName(): string {
    return POLICY_NAMES[this.#policy.number] ?? "";
  }

  /** Sets depth by hand: that counts, whatever the budget. */
  set(depth: number): void {
    this.#budget?.moveObjects(this.depth, depth, this.bytes);
    this.depth = depth;
  }

  /** Notes a free that found no room. */
  rejected(): void {
    this.#rejected++;
  }

  /** Lets depth grow if a free was rejected before this miss. */
  missed(): void {
    if (this.#rejected === 0 || !this.#releases || this.depth >= this.#maximumDepth) return;
    if (this.#rule === null) return;
    try {
      const before = this.depth;
      this.#grow(runRule(this.#rule, this.#sample(true), this.#title));
      this.#rejected -= Math.min(this.#rejected, this.depth - before);
    } catch (error) {
      this.#setAside(error as LookasideError);
    }
  }

  /** Lets depth grow so that `count` objects can be parked, as far as ceiling and budget allow. */
  want(count: number): void {
    if (this.#releases) this.#grow(Math.min(this.#maximumDepth, count));
  }

  /**
   * Runs the policy when it is due. Gives back how many objects at the bottom are to be given up, or -1
   * when the list did not age.
   */
  tick(state: ObjectListState): number {
    const price = this.#budget?.price ?? 1;
    const patience = patienceOf(this.#policy, this.bytes, price);
    this.#ticks++;
    if (this.#ticks < Math.max(1, patience >> 1)) return -1;
    this.#ticks = 0;
    const { floor, parked } = state;
    this.#idle = patience > 1 ? Math.min(floor, this.#floorBefore) : floor;
    this.#floorBefore = floor;
    const freeMisses = state.freeMisses - this.#last.freeMisses;
    this.#rejected = Math.min(this.#rejected, freeMisses); // older ones are no sign of need any more
    const before = this.depth;
    try {
      this.#adjust(state, freeMisses, price);
    } catch (error) {
      this.#setAside(error as LookasideError);
    }
    this.#last = state;
    if (!this.#releases) return 0;
    const surplus = Math.max(before, parked) - this.depth;
    const released = Math.max(0, Math.min(this.#idle, surplus));
    this.#floorBefore = Math.max(0, this.#floorBefore - released);
    return released;
  }

  /** Throws what a policy of the user's own did wrong since the last call. Once. */
  raise(): void {
    const fault = this.#fault;
    this.#fault = null;
    if (fault !== null) throw fault;
  }

  #adjust(state: ObjectListState, freeMisses: number, price: number): void {
    if (this.#rule === null) return;
    const sample: DepthSample = {
      ...this.#sample(false),
      allocates: state.allocates - this.#last.allocates,
      misses: state.misses - this.#last.misses,
      frees: state.frees - this.#last.frees,
      freeMisses,
      parked: state.parked,
      idle: this.#idle,
      unused: Math.max(0, this.depth - state.parked),
      price,
    };
    const next = runRule(this.#rule, sample, this.#title);
    if (next > this.depth) this.#grow(next);
    else this.set(next);
  }

  #grow(next: number): void {
    if (next <= this.depth) return;
    const budget = this.#budget;
    if (budget === null) {
      this.depth = next;
      return;
    }
    const { visits } = budget;
    if (this.#refusedAt === visits) return;
    const grown = budget.growObjects(this.depth, next, this.bytes);
    if (grown === BUSY) return;
    if (grown < next) this.#refusedAt = visits;
    this.depth = grown;
  }

  #sample(proof: boolean): DepthSample {
    return {
      depth: this.depth,
      maximumDepth: this.#maximumDepth,
      bytes: this.bytes,
      proof,
      rejected: this.#rejected,
      allocates: 0,
      misses: 0,
      frees: 0,
      freeMisses: 0,
      parked: 0,
      idle: 0,
      unused: 0,
      price: this.#budget?.price ?? 1,
    };
  }

  #setAside(fault: LookasideError): void {
    this.#fault = fault;
    this.#rule = null;
  }
}
