/**
 * A block list that remembers where its blocks were allocated, and notices those that are dropped.
 *
 * Each call does what the plain list does, and then notes it. A plain list keeps each `Block` object for its
 * next use, so none is ever collected; this one lets go of an object while the program has it. So one that
 * the garbage collector finds was dropped: its block can never be freed, unless its handle is somewhere.
 */
import { BlockList, type BlockListOptions, type ParkedBudget } from "../list/index.js";
import { load, type Region } from "../memory/index.js";
import { generationOf, HELD, kindOf, type Pool, SHOWN, subjectOf } from "../pool/index.js";
import type { Block, Handle, LeakSite, NoHandle } from "../system/index.js";
import { Sampler } from "./sampler.js";

/** A block whose object was dropped. */
export interface DroppedBlock {
  readonly list: string;
  readonly tag: string;
  readonly address: number;
  /** Where it was allocated, if that was sampled. */
  readonly site: string | null;
}

/** What the collector hands back of an object. */
interface Ticket {
  readonly list: VerifiedBlockList;
  readonly state: number;
  readonly generation: number;
  readonly address: number;
}

/** One for the thread: a registry that is collected itself tells nothing. */
const collected = new FinalizationRegistry<Ticket>(({ list, ...ticket }) => {
  list.foundDropped(ticket.state, ticket.generation, ticket.address);
});

/** How a list is verified. */
export interface VerifiedOptions {
  readonly sampleSites: number;
  readonly dropped: (block: DroppedBlock) => void;
}

/** A verified list. Made by `system.blockList` after {@link verify}. */
export class VerifiedBlockList<Name extends string = string> extends BlockList<Name> {
  readonly #sampler: Sampler;
  readonly #dropped: (block: DroppedBlock) => void;
  readonly #tickets = new WeakMap<Block<Name>, object>();
  /** Whether a call of this list is at work: the plain list calls itself after a refill. */
  #inside = false;

  /** For {@link verify} only. */
  constructor(
    region: Region,
    pool: Pool,
    budget: ParkedBudget,
    options: BlockListOptions,
    verified: VerifiedOptions,
  ) {
    super(region, pool, budget, options);
    this.#sampler = new Sampler(verified.sampleSites);
    this.#dropped = verified.dropped;
  }

  override allocate(): Block<Name> | null {
    if (this.#inside) return super.allocate();
    this.#inside = true;
    try {
      const block = super.allocate();
      if (block !== null) this.#took(block, this.allocate);
      return block;
    } finally {
      this.#inside = false;
    }
  }

  override allocateHandle(): Handle<Name> | NoHandle {
    if (this.#inside) return super.allocateHandle();
    this.#inside = true;
    try {
      const handle = super.allocateHandle();
      if (handle >= 0) this.#tookHandle(handle as Handle<Name>, this.allocateHandle);
      return handle;
    } finally {
      this.#inside = false;
    }
  }

  override adopt(handle: Handle<Name>): Block<Name> {
    const block = super.adopt(handle);
    this.#took(block, this.adopt);
    return block;
  }

  override adoptHandle(handle: Handle<Name>): Handle<Name> {
    const own = super.adoptHandle(handle);
    this.#tookHandle(own, this.adoptHandle);
    return own;
  }

  override free(block: Block<Name>): void {
    super.free(block);
    this.#sampler.gave(block.state);
    const ticket = this.#tickets.get(block);
    if (ticket !== undefined) collected.unregister(ticket);
  }

  override freeHandle(handle: Handle<Name>): void {
    const state = this.#stateOf(handle);
    super.freeHandle(handle);
    this.#sampler.gave(state);
  }

  /** Sampled call sites of blocks that this thread holds. */
  sites(): LeakSite[] {
    return this.#sampler.sites((state, generation) => {
      const seen = load(this.words, state);
      const isOurs = kindOf(seen) === HELD || kindOf(seen) === SHOWN;
      return isOurs && subjectOf(seen) === this.pool.thread && generationOf(seen) === generation;
    });
  }

  /** The collector found the object of a block that was held in a generation. */
  foundDropped(state: number, generation: number, address: number): void {
    const seen = load(this.words, state);
    // A block that was shown may be adopted by whoever has its handle: it is not lost.
    if (kindOf(seen) !== HELD || subjectOf(seen) !== this.pool.thread) return;
    if (generationOf(seen) !== generation || !this.backing.owns(state)) return;
    const site = this.#sampler.siteOf(state) ?? null;
    this.#dropped({ list: this.name, tag: this.tag, address, site });
  }

  #took(block: Block<Name>, above: unknown): void {
    const { state, address } = block;
    const generation = generationOf(load(this.words, state));
    this.#sampler.took(state, generation, above);
    this.forget(state); // the plain list would keep the object alive
    const { ring } = this;
    ring.blocks.fill(null, ring.count); // so would the places that it was popped from
    const ticket = {};
    this.#tickets.set(block, ticket);
    collected.register(
      block,
      { list: this as VerifiedBlockList, state, generation, address },
      ticket,
    );
  }

  #tookHandle(handle: Handle<Name>, above: unknown): void {
    const state = this.#stateOf(handle);
    this.#sampler.took(state, generationOf(load(this.words, state)), above);
  }

  #stateOf(handle: Handle<Name>): number {
    return this.shadow + (this.offsetOf(handle) - this.region.layout.dataByte) / 16;
  }
}
