/**
 * Lists that are not attacked, one of each family and kind, with a naive list beside each: whatever
 * happens to others, these must go on as if nothing had.
 */
import assert from "node:assert/strict";
import {
  ExAllocatePoolWithTag,
  ExFreePool,
  NonPagedPool,
  parkedEntries,
  queryLookaside,
  routine,
  tag,
} from "lookaside/wdk";
import { bytesAt } from "../conformance/bench.js";
import { NaiveList } from "../property/naive-list.js";
import { LIST_FAMILIES, type ListFamily } from "../unit/wdk/list-families.js";

const TAG = tag("Byst");
const SIZE = 80;

/** One list, and what must be true of it. */
export class Bystander {
  readonly family: ListFamily;
  readonly list: number;
  /** Whether it has routines of its own. */
  readonly isCustom: boolean;
  readonly #naive = new NaiveList();
  readonly #held: number[] = [];

  constructor(family: ListFamily, isCustom: boolean) {
    this.family = family;
    this.isCustom = isCustom;
    const at = ExAllocatePoolWithTag(NonPagedPool, 0x80, TAG);
    const routines = isCustom ? { allocate: registered("allocate"), free: registered("free") } : {};
    this.list = family.make({ ...routines, size: SIZE, tag: TAG, at });
    for (let count = 0; count < 6; count++) this.#allocate();
    for (let count = 0; count < 3; count++) this.#free();
  }

  /** Entries that are parked in it. */
  get parked(): readonly number[] {
    return this.#naive.parked;
  }

  /** Everything that is its own: parked and held. */
  get owned(): readonly number[] {
    return [...this.#naive.parked, ...this.#held];
  }

  #allocate(): void {
    const wanted = this.#naive.allocate();
    const entry = this.family.allocate(this.list);
    assert.notEqual(entry, 0, "the pool has room");
    if (wanted !== undefined) assert.equal(entry, wanted);
    bytesAt(entry, SIZE).fill((entry >>> 4) & 0xff);
    this.#held.push(entry);
  }

  #free(): void {
    const entry = this.#held.shift() as number;
    const cookie = new Uint8Array(SIZE).fill((entry >>> 4) & 0xff);
    assert.deepEqual(
      new Uint8Array(bytesAt(entry, SIZE)),
      cookie,
      "somebody wrote into a held entry",
    );
    this.#naive.free(entry);
    this.family.free(this.list, entry);
  }

  /** Nothing has changed since the last look but its limits; then it is used a little. */
  verify(): void {
    const { Family, Depth, CurrentDepth, ...now } = queryLookaside(this.list);
    assert.notEqual(Family, "None");
    const { TotalAllocates, AllocateMisses, TotalFrees, FreeMisses } = this.#naive.fields;
    assert.deepEqual(
      [now.TotalAllocates, now.AllocateMisses, now.TotalFrees, now.FreeMisses],
      [TotalAllocates, AllocateMisses, TotalFrees, FreeMisses],
    );
    assert.deepEqual(parkedEntries(this.list), this.#naive.parked);
    assert.equal(CurrentDepth, this.#naive.parked.length);
    this.#naive.setDepth(Depth); // the tuner may have moved it
    for (let count = 0; count < 5; count++) this.#allocate();
    for (let count = 0; count < 5; count++) this.#free();
  }

  /** Ends it: everything goes back to the pool. */
  end(): void {
    this.family.remove(this.list);
    for (const entry of this.#held) ExFreePool(entry);
    ExFreePool(this.list);
  }
}

function registered(what: "allocate" | "free"): number {
  if (what === "free") return routine("Bystander free", (entry: number) => ExFreePool(entry));
  return routine("Bystander allocate", (type: number, bytes: number, Tag: number) =>
    ExAllocatePoolWithTag(type, bytes, Tag),
  );
}

/** Registers the routines of bystanders again, after this thread has left the machine and come back. */
export function registerBystanders(): void {
  registered("allocate");
  registered("free");
}

/** One bystander of each family, with default routines and with its own. */
export function makeBystanders(): Bystander[] {
  return LIST_FAMILIES.flatMap((family) => [
    new Bystander(family, false),
    new Bystander(family, true),
  ]);
}
