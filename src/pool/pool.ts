/**
 * The pool as one thread uses it: allocate and free blocks of any size, nonpaged or paged, under a tag.
 *
 * Any thread may free what any other allocated. Nothing here raises: a failure is a value, and the
 * layer above turns it into what its own contract says. Cost of a pair: two calls of the interlocked
 * module, of one compare-exchange each, when this thread has just freed a block of the size; two
 * atomic operations more when it must look at a slab; microseconds when a slab or a run is made.
 *
 * Here is the short way only: a block that this thread remembers, or has room to remember. It is flat and
 * short, so that an engine copies it into its caller; everything else is in complete-pool.ts.
 */
import { CLASSES, peek } from "../memory/index.js";
import { CompletePool } from "./complete-pool.js";
import { FREED } from "./outcome.js";
import { BYTES_BY_SLOT, ROW_SHIFT } from "./own.js";
import { SLAB } from "./run-table.js";
import { CLASS_BY_UNITS, SLAB_BLOCK_BYTES_MAX } from "./size-classes.js";
import { FREE, SLACK_APART, stateWord } from "./state-word.js";
import { TALLY_BYTES } from "./tags.js";

/*
 * Own copies: an engine folds a constant of the same module into the code that it makes, but reads an
 * imported one from its cell, with a check, each time. That was a third of the time of a pair.
 */
const FREE_STATE = stateWord(FREE, 0, 0);
const SLAB_BYTES_MAX = SLAB_BLOCK_BYTES_MAX;
const APART = SLACK_APART;
const SLOTS_OF_KIND = CLASSES;
const SLAB_ENTRY = SLAB;
const ROW = ROW_SHIFT;
const classByUnits = CLASS_BY_UNITS;
const bytesBySlot = BYTES_BY_SLOT;

/** Bytes from a tag's tally of nonpaged pool to that of paged pool. */
const PAGED_TALLY = TALLY_BYTES;

/** One thread's pool. */
export class Pool extends CompletePool {
  /**
   * Allocates on the short way: not aligned, without quota, at least one byte. Gives back 0, with
   * nothing changed, when {@link Pool.allocate} has to see to it, and always while a bug check or the
   * simulation of low resources shuts this way.
   */
  allocateShort(kind: number, bytes: number, tag: number, nx: number): number {
    const { own } = this;
    if (tag !== own.tag || bytes > SLAB_BYTES_MAX) return 0;
    const sizeClass = classByUnits[(bytes + 15) >>> 4] as number;
    const slot = kind === 0 ? sizeClass : sizeClass + SLOTS_OF_KIND;
    const { remembered, tagIndex } = own;
    const row = slot << ROW;
    const place = (remembered[row] as number) + 1;
    const address = remembered[row + place] as number;
    const slack = (bytesBySlot[slot] as number) - bytes;
    if (address !== 0 && slack < APART) {
      const state = (own.states + (address >>> 4)) << 2;
      const bill = (nx << 30) | (tagIndex << 20) | slack; // billWord
      const tally = own.tallies + (((tagIndex << 1) | kind) << 5); // TagTally.byteOf
      const free = FREE_STATE | (slot << 20);
      if (own.claimWhileRunning(state, free, own.held, bill, tally, bytes) !== 0) {
        remembered[row] = place;
        return address >>> 0;
      }
    }
    return 0;
  }

  /**
   * Frees on the short way. Gives back false, with nothing changed, when {@link Pool.free} has to see to it
   * or to say why not, and always while this way is shut.
   */
  freeShort(address: number, tag: number): boolean {
    const { own } = this;
    if ((address & 15) !== 0 || address < own.dataByte || address >= own.endByte) return false;
    const entry = peek(own.words, own.runs + ((address - own.dataByte) >>> 16));
    if (entry >>> 28 === SLAB_ENTRY && (tag === -1 || tag === own.tag)) {
      const slot = entry & 0xff;
      const { remembered } = own;
      const row = slot << ROW;
      const place = remembered[row] as number;
      if (place !== 0) {
        const state = (own.states + (address >>> 4)) << 2;
        const tallies = slot < SLOTS_OF_KIND ? own.tallies : own.tallies + PAGED_TALLY;
        const index = tag === -1 ? -1 : own.tagIndex;
        const blockBytes = bytesBySlot[slot] as number;
        const free = FREE_STATE | (slot << 20);
        if (own.yieldWhileRunning(state, free, tallies, blockBytes, index) !== 0) {
          remembered[row + place] = address;
          remembered[row] = place - 1;
          return true;
        }
      }
    }
    return false;
  }

  override allocate(
    kind: number,
    bytes: number,
    tag: number,
    aligned: boolean,
    nx: number,
    account: number,
    blockBytesMin: number,
  ): number {
    if (account === 0 && !aligned && bytes >= blockBytesMin) {
      const address = this.allocateShort(kind, bytes, tag, nx);
      if (address !== 0) return address;
    }
    return super.allocate(kind, bytes, tag, aligned, nx, account, blockBytesMin);
  }

  override free(address: number, tag: number): number {
    return this.freeShort(address, tag) ? FREED : super.free(address, tag);
  }
}
