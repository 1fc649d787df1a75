/**
 * Which of a thread's held blocks were allocated where: every n-th allocation is noted with its call site.
 *
 * A note is not believed for ever: a block may leave the thread by ways that nobody tells (adopted elsewhere,
 * sent through a channel). So a note says what the block's state word must show, and one that no longer fits
 * is dropped.
 */
import type { LeakSite } from "../system/index.js";
import { callSite } from "./call-site.js";

/** A held block that was sampled. */
interface Note {
  readonly site: string;
  /** Generation in which it is held. */
  readonly generation: number;
}

/** The samples of one list in one thread. */
export class Sampler {
  readonly #every: number;
  /** By the index of the block's state word. */
  readonly #notes = new Map<number, Note>();
  #countdown: number;

  /** One allocation in `every` is noted; 0: none. */
  constructor(every: number) {
    this.#every = every;
    this.#countdown = every;
  }

  /** Notes a block, if it is its turn. `above` is the function of the library that the program called. */
  took(state: number, generation: number, above: unknown): void {
    if (this.#every === 0 || --this.#countdown > 0) return;
    this.#countdown = this.#every;
    this.#notes.set(state, { site: callSite(above), generation });
  }

  /** The block is held no longer. */
  gave(state: number): void {
    this.#notes.delete(state);
  }

  /** Where a block was allocated, if that was noted. */
  siteOf(state: number): string | undefined {
    return this.#notes.get(state)?.site;
  }

  /** Notes by site, most blocks first. `isHeld` tells whether this thread holds a block in a generation. */
  sites(isHeld: (state: number, generation: number) => boolean): LeakSite[] {
    const counts = new Map<string, number>();
    for (const [state, { site, generation }] of this.#notes) {
      if (isHeld(state, generation)) counts.set(site, (counts.get(site) ?? 0) + 1);
      else this.#notes.delete(state);
    }
    const sites = [...counts].map(([site, sampled]) => Object.freeze({ site, sampled }));
    return sites.sort((one, other) => other.sampled - one.sampled);
  }
}
