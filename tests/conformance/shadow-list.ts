/**
 * The shadow of one lookaside list: a plain stack with a limit, and the counters as sections 5 and 9 of
 * the semantics have them. A test tells it what it did, and asks it whether the list agrees.
 */
import assert from "node:assert/strict";
import { chainOf, countOf, snapshot } from "./bench.js";

/** A list as one thread must see it. */
export class ShadowList {
  /** Addresses of parked entries, first to last. */
  readonly parked: number[] = [];
  /** Entries in the hands of callers. */
  readonly held = new Set<number>();
  /** The present limit on parked entries. */
  depth = 4;
  TotalAllocates = 0;
  AllocateMisses = 0;
  TotalFrees = 0;
  FreeMisses = 0;
  /** Entries removed by flush: X of section 9. */
  flushed = 0;
  /** Misses that gave NULL or raised: N of section 9. */
  failed = 0;

  /** An allocate gave `entry` (0: NULL or a raise). It must be the first parked one, if any is parked. */
  allocated(entry: number): void {
    this.TotalAllocates++;
    const first = this.parked.shift();
    if (first === undefined) {
      this.AllocateMisses++;
      if (entry === 0) this.failed++;
    } else {
      assert.equal(entry, first, "an allocate must give the first parked entry");
    }
    if (entry === 0) return;
    assert.ok(!this.held.has(entry), "an allocate gave an entry that is held");
    this.held.add(entry);
  }

  /** A free of `entry` is about to be called. Gives back whether the list must park it. */
  freed(entry: number): boolean {
    assert.ok(this.held.delete(entry), "the test frees an entry that it does not hold");
    this.TotalFrees++;
    if (this.parked.length >= this.depth) {
      this.FreeMisses++;
      return false;
    }
    this.parked.unshift(entry);
    return true;
  }

  /** The list was flushed. Gives back the entries that must have been released. */
  drained(): number[] {
    this.flushed += this.parked.length;
    return this.parked.splice(0);
  }

  /** Holds the shadow against the descriptor at `list` and its chain. */
  agreesWith(list: number): void {
    const { Depth, TotalAllocates, AllocateMisses, TotalFrees, FreeMisses } = snapshot(list);
    assert.deepEqual(chainOf(list), this.parked);
    assert.equal(countOf(list), this.parked.length);
    assert.deepEqual(
      { Depth, TotalAllocates, AllocateMisses, TotalFrees, FreeMisses },
      {
        Depth: this.depth,
        TotalAllocates: this.TotalAllocates,
        AllocateMisses: this.AllocateMisses,
        TotalFrees: this.TotalFrees,
        FreeMisses: this.FreeMisses,
      },
    );
  }
}
