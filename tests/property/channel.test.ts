/**
 * A channel against a plain queue: any calls of three threads give what they would give one after another.
 *
 * 1. Values come out in the order in which they went in, and as many fit as capacity says.
 * 2. After a close nothing goes in, and what is inside comes out.
 * 3. Size and statistics are those of the queue, after every call.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Channel, System } from "lookaside";
import { seeded } from "../support/seed.js";

/** What must hold of a channel of `capacity` values. */
class PlainQueue {
  readonly values: number[] = [];
  readonly capacity: number;
  closed = false;
  pushed = 0;
  popped = 0;
  refused = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  push(value: number): boolean {
    if (this.closed) return false;
    if (this.values.length === this.capacity) {
      this.refused++;
      return false;
    }
    this.pushed++;
    return this.values.push(value) > 0;
  }

  pop(): number | null {
    const value = this.values.shift() ?? null;
    if (value !== null) this.popped++;
    return value;
  }
}

const call = fc.record({
  thread: fc.nat({ max: 2 }),
  what: fc.oneof(
    { weight: 20, arbitrary: fc.record({ push: fc.maxSafeNat() }) },
    { weight: 18, arbitrary: fc.constant("pop" as const) },
    { weight: 1, arbitrary: fc.constant("close" as const) },
  ),
});

test("any calls of three threads do to a channel what they do to a queue", () => {
  const { seed } = seeded(import.meta.url);
  const system = System.create({
    nonPaged: "2 MiB",
    paged: "64 KiB",
    threads: 3,
    depth: { periodMs: 0 },
  });
  const others = [System.attach(system.ticket()), System.attach(system.ticket())];
  const systems = [system, ...others];
  const capacities = fc.constantFrom(1, 2, 8);
  const calls = fc.array(call, { maxLength: 120 });
  const property = fc.property(capacities, calls, (capacity, sequence) => {
    const queue = new PlainQueue(capacity);
    const ways = systems.map((one): Channel => one.channel({ name: "same", capacity }));
    for (const { thread, what } of sequence) {
      const way = ways[thread] as Channel;
      if (what === "close") {
        way.close();
        queue.closed = true;
      } else if (what === "pop") {
        assert.equal(way.pop(), queue.pop());
      } else {
        assert.equal(way.push(what.push), queue.push(what.push));
      }
      assert.equal(way.drained, queue.closed && queue.values.length === 0);
    }
    const { pushed, popped, refused, size } = (ways[0] as Channel).statistics();
    const { pushed: in_, popped: out, refused: not } = queue;
    assert.deepEqual(
      { pushed, popped, refused, size },
      {
        pushed: in_,
        popped: out,
        refused: not,
        size: queue.values.length,
      },
    );
    for (const way of ways) way.delete();
  });
  fc.assert(property, { seed: seed | 0, numRuns: 300 });
  for (const one of systems) one.detach();
});
