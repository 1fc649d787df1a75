/** What runs when a thread leaves a system. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { System } from "lookaside";

const SMALL = { nonPaged: "1 MiB", paged: "1 MiB", threads: 2, depth: { periodMs: 0 } } as const;

test("an action runs once when its thread detaches, while the thread is still attached", () => {
  const system = System.create(SMALL);
  const seen: number[] = [];
  system.whenDetached(() => seen.push(system.threads));
  system.detach();
  system.detach();
  assert.deepEqual(seen, [1]);
});

test("an action that was taken off does not run, even by one that runs before it", () => {
  const system = System.create(SMALL);
  const seen: string[] = [];
  const takeOff = [
    system.whenDetached(() => seen.push("first")),
    system.whenDetached(() => takeOff[2]?.()),
    system.whenDetached(() => seen.push("third")),
  ];
  takeOff[0]?.();
  system.detach();
  assert.deepEqual(seen, []);
});

test("what cannot be run is refused at once, not when the thread leaves", () => {
  const system = System.create({ nonPaged: "1 MiB", depth: { periodMs: 0 } });
  for (const action of [undefined, null, 5, "action", {}]) {
    assert.throws(() => system.whenDetached(action as never), { code: "ERR_ARGUMENT" });
  }
  system.detach();
});

test("a thread leaves whatever its actions throw, and the first fault is thrown then", () => {
  const system = System.create();
  const other = System.attach(system.ticket());
  let seen = 0;
  other.whenDetached(() => {
    throw new Error("one");
  });
  other.whenDetached(() => {
    seen++;
    throw new Error("two");
  });
  const { handle } = other.blockList({ tag: "Left", size: 8 }).allocateOrThrow();
  assert.throws(() => other.detach(), /^Error: one$/);
  assert.equal(seen, 1);
  assert.equal(system.threads, 1);
  system.blockList({ tag: "Left", size: 8 }).adopt(handle).free();
  other.detach();
  system.detach();
});
