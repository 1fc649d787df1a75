/**
 * Recovery by a caller's own proof: by identity, once, and never of who surely lives.
 */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { System, type ThreadIdentity } from "lookaside";
import { claimThread } from "#src/threads/index.js";

let system: System;
let dead: ThreadIdentity;

beforeEach(() => {
  system = System.create({ nonPaged: "1 MiB", paged: "1 MiB", depth: { periodMs: 0 } });
  dead = claimThread(system.region, { host: -1, ancestors: [] });
});

afterEach(() => system.detach());

test("a thread is recovered once, and its number is free", () => {
  assert.deepEqual(
    system.recoverEnded(dead).map(({ thread }) => thread),
    [2],
  );
  assert.equal(system.threads, 1);
  assert.deepEqual(system.recoverEnded(dead), []);
});

test("the next user of the number is another thread", () => {
  system.recoverEnded(dead);
  const next = System.attach(system.ticket());
  assert.equal(next.thread, dead.thread);
  assert.deepEqual(next.identity, { thread: 2, epoch: 1 });
  assert.deepEqual(system.recoverEnded(dead), []);
  assert.equal(system.threads, 2);
  next.detach();
});

test("an identity can be posted", () => {
  assert.deepEqual(structuredClone(system.identity), { thread: 1, epoch: 0 });
});

test("the calling thread is refused, under any of its numbers", () => {
  const own = System.attach(system.ticket());
  for (const identity of [system.identity, own.identity]) {
    const refused = { code: "ERR_ARGUMENT", message: /it is the calling one/ };
    assert.throws(() => system.recoverEnded(identity), refused);
  }
  assert.equal(system.threads, 3);
  own.detach();
});

test("what is no identity, or no policy, is refused", () => {
  const wrong = [undefined, null, 2, {}, { thread: 2 }, { thread: 0, epoch: 0 }];
  for (const identity of [...wrong, { thread: 65, epoch: 0 }, { thread: 2, epoch: -1 }]) {
    assert.throws(() => system.recoverEnded(identity as never), { code: "ERR_ARGUMENT" });
  }
  assert.throws(() => system.recoverEnded(dead, "no" as never), { code: "ERR_ARGUMENT" });
  assert.equal(system.threads, 2);
});

test("who has detached recovers nobody", () => {
  const own = System.attach(system.ticket());
  own.detach();
  assert.throws(() => own.recoverEnded(dead), { code: "ERR_SYSTEM_CLOSED" });
});
