/** A block of the pool is never taken for one of a list's, whatever its memory was before: SW-3. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { System } from "lookaside";
import { stateIndex } from "#src/pool/index.js";

/** Sizes whose states, bills and notes lie in each other's places; the last are runs. */
const SIZES = [16, 40, 60, 100, 2_000, 30_000, 70_000, 200_000];

test("what was a state or a bill is no note of the block that comes after", () => {
  const system = System.create({ nonPaged: "1 MiB", depth: { periodMs: 0 } });
  const { pool, region } = system;
  for (let list = 0; list < 16; list++)
    system.blockList({ tag: "Note", name: `list ${list}`, size: 1_000 });
  const fill = (bytes: number): number[] => {
    const addresses: number[] = [];
    for (let left = 40_000; left > 0; left--) {
      const address = pool.allocate(0, bytes, 1, false, 0, 0, 0);
      if (address === 0) break;
      addresses.push(address);
    }
    return addresses;
  };
  for (let life = 0; life < 3; life++) {
    for (const bytes of SIZES) {
      const addresses = fill(bytes);
      assert.deepEqual(system.audit().problems, [], `blocks of ${bytes} bytes, life ${life}`);
      if (bytes > 32)
        for (const address of addresses)
          assert.equal(
            region.words[stateIndex(region, address) + 2],
            0,
            `0x${address.toString(16)}`,
          );
      for (const address of addresses) assert.equal(pool.free(address, -1), 0);
      system.trim();
    }
  }
  system.close();
});

test("a thread that leaves takes no block of the pool along that it had for others", () => {
  const system = System.create({ nonPaged: "1 MiB", threads: 4, depth: { periodMs: 0 } });
  const lists = (of: System): void => {
    for (let list = 0; list < 16; list++)
      of.blockList({ tag: "Note", name: `list ${list}`, size: 64 });
  };
  lists(system);
  const small = Array.from({ length: 3_000 }, () => system.pool.allocate(0, 16, 1, false, 0, 0, 0));
  for (const address of small) system.pool.free(address, -1);
  system.trim();
  const other = System.attach(system.ticket());
  lists(other);
  const list = other.blockList({ tag: "Note", name: "list 0", size: 64 });
  list.allocateOrThrow(); // so that it looks for what it holds when it leaves
  const given = Array.from({ length: 1_500 }, () => other.pool.allocate(0, 64, 1, false, 0, 0, 0));
  other.detach();
  for (const address of given) assert.equal(system.pool.free(address, -1), 0, "it is held no more");
  assert.deepEqual(system.audit().problems, []);
});
