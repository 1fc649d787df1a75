/** What happened between two snapshots is told from them alone, summed up where there is too much of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { System } from "lookaside";
import { differences } from "#src/monitor/differences.js";
import { smallSystem } from "./ask.js";

/** What happens in a system while `action` runs. */
function happening(system: System, action: () => void): (string | number | null)[][] {
  const before = system.snapshot();
  action();
  return differences(before, system.snapshot()).map(({ kind, list, count, text }) => [
    kind,
    list,
    count,
    text,
  ]);
}

test("misses, overflows, depth, failures and misuse of a list are told with their numbers", () => {
  const system = smallSystem();
  const list = system.blockList({ tag: "Diff", size: 256 });
  const made = happening(system, () => {
    const blocks = Array.from({ length: 6 }, () => list.allocate());
    for (const block of blocks) block?.free();
    assert.throws(() => blocks[0]?.free(), { code: "ERR_DOUBLE_FREE" });
  });
  assert.deepEqual(made, [
    ["miss", "Diff", 6, "6 misses"],
    ["overflow", "Diff", 2, "2 frees found no room"],
    ["error", "Diff", 1, "1 call refused as misuse"],
  ]);
  assert.deepEqual(
    happening(system, () => {
      list.depth = 9;
    }),
    [["depth", "Diff", 1, "depth 4 → 9"]],
  );
  assert.deepEqual(
    happening(system, () => list.allocate()?.free()),
    [],
    "a hit is nothing",
  );
  const large = system.blockList({ tag: "Larg", size: 600_000 });
  const told = happening(system, () => {
    large.allocate();
    large.allocate();
  });
  assert.deepEqual(told.at(-1), [
    "failure",
    "Larg",
    1,
    "1 allocation failed: the pool had no room",
  ]);
  system.detach();
});

test("lists and threads that come and go are told", () => {
  const system = smallSystem();
  const list = happening(system, () => void system.blockList({ tag: "Come", size: 64 }));
  assert.deepEqual(list, [["list", "Come", 1, "made"]]);
  let other: System | undefined;
  const came = happening(system, () => {
    other = System.attach(system.ticket());
  });
  assert.deepEqual(came, [["thread", null, 1, "thread 2 attached"]]);
  const left = happening(system, () => other?.detach());
  assert.deepEqual(left, [["thread", null, 1, "thread 2 left"]]);
  const gone = happening(system, () => system.blockList({ tag: "Come", size: 64 }).delete());
  assert.deepEqual(gone, [["list", "Come", 1, "gone"]]);
  system.detach();
});

test("of a hundred lists that miss, the greatest are told one by one and the rest as one", () => {
  const system = smallSystem();
  const lists = Array.from({ length: 100 }, (_, index) =>
    system.blockList({ tag: "Many", name: `list ${index}`, size: 64 }),
  );
  const told = happening(system, () => {
    for (const [index, list] of lists.entries()) {
      for (let count = 0; count <= index; count++) list.allocate();
    }
  });
  assert.equal(told.length, 12);
  assert.deepEqual(told[0], ["miss", "list 99", 100, "100 misses"]);
  assert.deepEqual(told[11], ["miss", null, 4005, "4,005 more in 89 others"]);
  system.detach();
});
