/**
 * What the attacks aim at: memory of the attacker's own, in several states, and the addresses of
 * things that are not its own but must withstand.
 */
import {
  activeLists,
  ExAllocatePoolWithTag,
  memory,
  NonPagedPool,
  parkedEntries,
  queryPoolBlock,
  tag,
} from "lookaside/wdk";
import { bytesAt } from "../conformance/bench.js";
import type { Random } from "../support/seed.js";
import type { Bystander } from "./bystanders.js";
import { anyNumber } from "./values.js";

const TAG = tag("Host");
const SCRIBBLE_BYTES = 256;

/** Addresses by what they may be used for. */
export class Arena {
  readonly #random: Random;
  readonly bystanders: readonly Bystander[];
  /** Held for ever, and written to by anything that writes. */
  readonly scribble: number[];
  /** Held for ever, for descriptors: nothing writes there but the lists themselves. */
  readonly descriptors: number[];
  /** Blocks that came out of calls: held, freed, parked or given out again by now. */
  readonly #volatile: number[] = [];

  constructor(random: Random, bystanders: readonly Bystander[]) {
    this.#random = random;
    this.bystanders = bystanders;
    const block = (bytes: number) => (): number => ExAllocatePoolWithTag(NonPagedPool, bytes, TAG);
    this.scribble = Array.from({ length: 12 }, block(SCRIBBLE_BYTES));
    this.descriptors = Array.from({ length: 10 }, block(0x80));
  }

  /** A block came out of a call. */
  remember(address: number): void {
    this.#volatile.push(address);
    if (this.#volatile.length > 300) this.#volatile.shift();
  }

  /** Blocks that were freed once and belong to bystanders by now are no targets any more. */
  spareBystanders(): void {
    const owned = new Set(this.bystanders.flatMap((bystander) => bystander.owned));
    this.#volatile.splice(
      0,
      this.#volatile.length,
      ...this.#volatile.filter((address) => !owned.has(address)),
    );
  }

  /**
   * Whether an address is in the middle of a bystander's block. A list with an Allocate routine of its
   * own may have entries that are no blocks, so it would take such an address, and write there: nobody
   * can tell.
   */
  isInsideBystander(address: number): boolean {
    return this.bystanders.some(({ list, owned }) =>
      [list, ...owned].some(
        (start) => address > start - 16 && address < start + 128 && address !== start,
      ),
    );
  }

  /** An address that calls may write to: of the scribbled blocks, or where no memory can be. */
  writable(): number {
    if (this.#random.int(5) === 0) return this.#nowhere();
    return this.#random.pick(this.scribble) + this.#random.pick([0, 16, 32, 48, 240, 4, 8, 1]);
  }

  /**
   * For sequenced lists: what may be written to, blocks in any state, and parked entries and descriptors of
   * bystanders, which a call must refuse.
   */
  linkable(): number {
    if (this.#random.int(3) > 0) return this.writable();
    if (this.#random.int(3) === 0) return this.#random.pick(this.descriptors);
    const address = this.freeable();
    return this.isInsideBystander(address) ? this.#nowhere() : address;
  }

  /** An address where nothing can be written: none, bookkeeping, misaligned, beyond the end. */
  #nowhere(): number {
    return this.#random.pick([
      0,
      16,
      4_096,
      8_192,
      65_536,
      1,
      0xffff_fff0,
      0xffff_ffff,
      -16,
      2 ** 32,
    ]);
  }

  /** A block that came out of a call at some time, or something near it, but nothing of a bystander. */
  block(): number {
    if (this.#volatile.length === 0 || this.#random.int(12) === 0) return this.#nowhere();
    const offset = this.#random.pick([0, 0, 0, 0, 0, 0, 16, 32, 8, 1, -16]);
    const address = this.#random.pick(this.#volatile) + offset;
    return this.bystanders.some(({ owned }) => owned.includes(address)) ? this.#nowhere() : address;
  }

  /** For calls that free: blocks, and what must not be freed. */
  freeable(): number {
    if (this.#random.int(4) > 0) return this.block();
    return this.#guarded();
  }

  /** Parked entries and active descriptors of bystanders: a call that takes them must refuse. */
  #guarded(): number {
    const bystander = this.#random.pick(this.bystanders);
    return this.#random.pick([bystander.list, ...bystander.parked]);
  }

  /** For initialization: descriptors, blocks, and what is in use. */
  place(): number {
    const chance = this.#random.int(10);
    if (chance < 6)
      return this.#random.pick(this.descriptors) + this.#random.pick([0, 0, 0, 0, 16, 8]);
    if (chance < 8) return this.block();
    return this.#random.pick(this.bystanders).list + this.#random.pick([0, 16, 0x50]);
  }

  /** A list of the attacker's, or what is none. */
  list(): number {
    const chance = this.#random.int(10);
    if (chance < 7) return this.#random.pick(this.descriptors);
    if (chance < 9) return this.block();
    return anyNumber(this.#random);
  }

  /** A bystander that is not of a family: to it a routine of the family is a foreign one. */
  foreign(isOfFamily: (bystander: Bystander) => boolean): number {
    const others = this.bystanders.filter((bystander) => !isOfFamily(bystander));
    return others.length === 0 ? 0 : this.#random.pick(others).list;
  }

  /** Writes into a descriptor of the attacker's own: any word, with values that lead somewhere. */
  scribbleOnDescriptor(): void {
    const bystander = this.#random.pick(this.bystanders);
    const value = this.#random.pick([
      0,
      this.#random.next(),
      this.#random.pick(this.descriptors),
      this.#random.pick(this.descriptors) + 0x40,
      this.#random.pick(this.scribble),
      ...bystander.parked,
      bystander.list + 0x40,
      0xffff_fff0,
      0xffff_ffff,
      this.block(),
    ]);
    const word = this.#random.pick(this.descriptors) + this.#random.int(24) * 4;
    new Uint32Array(memory().buffer)[word / 4] = value;
  }

  /** Writes into an entry that is parked in a list of the attacker's: a use after free. */
  scribbleOnParked(): void {
    const own = activeLists().filter((list) => this.bystanders.every((one) => one.list !== list));
    if (own.length === 0) return;
    const entries = parkedEntries(this.#random.pick(own));
    if (entries.length === 0) return;
    const entry = this.#random.pick(entries);
    const block = queryPoolBlock(entry);
    const isOwn = this.bystanders.every(({ owned }) => !owned.includes(entry));
    if (block === null || !block.parked || !isOwn) return; // an overwritten header may lead to others
    const from = this.#random.int(Math.min(block.bytes, 24));
    const bytes = bytesAt(entry, Math.min(block.bytes, 64)).subarray(from, from + 4);
    for (let at = 0; at < bytes.length; at++) bytes[at] = this.#random.int(256);
  }
}
