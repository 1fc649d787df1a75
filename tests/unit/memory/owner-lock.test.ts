/** The owner lock: one holder at a time, its name in the word, nobody left asleep, nobody waits for ever. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { acquireLock, lockOwner, releaseLock, withPatience } from "#src/memory/index.js";
import { crew, startCrew } from "../../support/crew.js";
import { COUNTER, type count, HOLDING, LOCK, type waitForTest } from "./owner-lock.tasks.js";

const tasks = new URL("./owner-lock.tasks.js", import.meta.url);
const isLong = process.env["LOOKASIDE_LONG"] === "1";

function newWords(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(64));
}

test("the word names its holder, and nobody after the release", () => {
  const words = newWords();
  assert.equal(lockOwner(words, LOCK), 0);
  acquireLock(words, LOCK, 200);
  assert.equal(lockOwner(words, LOCK), 200);
  releaseLock(words, LOCK);
  assert.equal(words[LOCK], 0);
});

test("plain additions of several threads are all counted under the lock", async () => {
  const words = newWords();
  const rounds = isLong ? 300_000 : 20_000;
  const data = { words, rounds };
  const intrusions = await crew<typeof count>(tasks, { threads: 3, run: "count", data });
  assert.deepEqual(intrusions, [0, 0, 0]);
  assert.equal(words[COUNTER], 3 * rounds);
  assert.equal(words[LOCK], 0);
});

test("a thread that sleeps for the lock gets it once it is released", async () => {
  const words = newWords();
  acquireLock(words, LOCK, 3);
  const data = { words, rounds: 0 };
  const running = startCrew<typeof waitForTest>(tasks, { threads: 1, run: "waitForTest", data });
  await running.gates.reached(HOLDING);
  let isOver = false;
  void running.outcomes.then(() => {
    isOver = true;
  });
  // It marks that it waits; without the mark nobody would wake it.
  while (!isOver && (words[LOCK] as number) >>> 8 === 0) await new Promise(setImmediate);
  assert.equal(isOver, false, "the lock was taken from its holder");
  assert.equal(lockOwner(words, LOCK), 3);
  releaseLock(words, LOCK);
  assert.deepEqual(await running.outcomes, [{ kind: "returned", result: 3 }]);
  assert.equal(lockOwner(words, LOCK), 7);
});

test("a lock that is kept for ten seconds is an error that names its holder", {
  skip: !isLong && "long",
}, () => {
  const words = newWords();
  acquireLock(words, LOCK, 9);
  assert.throws(() => acquireLock(words, LOCK, 2), {
    code: "ERR_LOCK_STALLED",
    message: "Cannot take a lock: thread 9 has kept it for too long",
  });
  assert.equal(lockOwner(words, LOCK), 9);
});

/** Runs an action while every sleep ends at once, woken after `turn` has been played. */
function sleeping(turn: () => void, action: () => void): void {
  const real = Atomics.wait;
  (Atomics as { wait: unknown }).wait = () => {
    turn();
    return "ok";
  };
  try {
    action();
  } finally {
    Atomics.wait = real;
  }
}

test("a lock that changes hands again and again is not one that somebody keeps", () => {
  const words = newWords();
  acquireLock(words, LOCK, 9);
  let turns = 0;
  const passOn = (): void => {
    releaseLock(words, LOCK);
    if (++turns < 100) acquireLock(words, LOCK, turns % 2 === 0 ? 9 : 8);
  };
  sleeping(passOn, () => withPatience(20, () => acquireLock(words, LOCK, 2)));
  assert.equal(lockOwner(words, LOCK), 2);
  assert.equal(turns, 100);
});

test("a lock that one holder keeps is given up when the patience ends", () => {
  const words = newWords();
  acquireLock(words, LOCK, 9);
  let turns = 0;
  sleeping(
    () => turns++,
    () =>
      assert.throws(() => withPatience(20, () => acquireLock(words, LOCK, 2)), {
        code: "ERR_LOCK_STALLED",
      }),
  );
  assert.ok(turns >= 10 && turns <= 11, `${turns} sleeps of 2 ms`);
});
