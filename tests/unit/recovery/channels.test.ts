/**
 * Channels after a death, at every step: nothing is lost, nothing comes twice, nobody is in the way.
 *
 * The dead are played: a second attachment of this thread does a call up to a step and is recovered; for each
 * step a system is made anew. What the recoverer does is ended at every step as well.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Block, type BlockList, type Channel, type RecoveryReport, System } from "lookaside";
import { Bell, ITEMS, ROOM } from "#src/channel/bell.js";
import { channelPlaces } from "#src/channel/index.js";
import { RECORD } from "#src/channel/record.js";
import { load } from "#src/memory/index.js";
import { recoverThread } from "#src/recovery/index.js";
import { dieAt } from "../../support/mortal.js";

const LIST = { tag: "Sent", size: 64, maximumDepth: 8 } as const;
const NAME = { name: "dead", capacity: 4 } as const;

/** A thread's system, channel and list. */
interface Party {
  readonly system: System;
  readonly channel: Channel;
  readonly list: BlockList;
}

function party(system: System): Party {
  return { system, channel: system.channel(NAME), list: system.blockList(LIST) };
}

/** A system with a survivor and one that will die. */
function parties(): { me: Party; dead: Party } {
  const options = {
    nonPaged: "1 MiB",
    paged: "64 KiB",
    threads: 3,
    depth: { periodMs: 0 },
    locks: null, // in a browser the lock of a thread that only plays dead would keep its system for ever
  } as const;
  const me = party(System.create(options));
  return { me, dead: party(System.attach(me.system.ticket(), { locks: null })) };
}

function recover(me: Party, dead: Party): RecoveryReport {
  const { thread } = dead.system;
  const reports = recoverThread(me.system.region, me.system.pool, { thread, epoch: 0 }, "reclaim");
  return reports.find((report) => report.thread === thread) ?? assert.fail("it was not recovered");
}

function popped(channel: Channel): number[] {
  const values: number[] = [];
  for (let value = channel.pop(); value !== null; value = channel.pop()) values.push(value);
  return values;
}

function block(list: BlockList): Block {
  return list.allocate() ?? assert.fail("no room");
}

/** Nothing names the dead, nobody waits, and the channel works with all its cells, in order. */
function demandWhole({ system, channel }: Party): void {
  assert.deepEqual(system.audit().problems, []);
  assert.deepEqual(popped(channel), []);
  for (let round = 0; round < 3; round++) {
    for (let value = 0; value < 4; value++) assert.ok(channel.push(value), `no room for ${value}`);
    assert.equal(channel.push(4), false);
    assert.deepEqual(popped(channel), [0, 1, 2, 3]);
  }
}

/** For each step: makes the parties, lets the dead one do `action` up to it, and then calls `check`. */
function atEveryStep(
  prepare: (me: Party, dead: Party) => () => unknown,
  check: (me: Party, dead: Party, died: boolean) => void,
): number {
  for (let step = 1; ; step++) {
    const { me, dead } = parties();
    const action = prepare(me, dead);
    const died = dieAt(step, action);
    check(me, dead, died);
    me.system.detach();
    if (!died) return step - 1;
  }
}

test("a push that ended at any step is done or not done, and stops nobody once it is recovered", () => {
  const seen = new Set<string>();
  const steps = atEveryStep(
    (me, dead) => {
      me.channel.push(1);
      return () => dead.channel.push(2);
    },
    (me, dead) => {
      assert.ok(me.channel.push(3), "others push meanwhile");
      recover(me, dead);
      const values = popped(me.channel).join();
      assert.match(values, /^1,(?:2,)?3$/);
      seen.add(values);
      demandWhole(me);
    },
  );
  assert.ok(steps >= 5, `${steps} steps`);
  assert.equal(seen.size, 2);
});

test("a value whose pop ended at any step is popped by another thread, until the cell was given back", () => {
  let lost = 0;
  atEveryStep(
    (me, dead) => {
      for (const value of [1, 2, 3]) me.channel.push(value);
      return () => dead.channel.pop();
    },
    (me, dead) => {
      assert.ok(popped(me.channel).join().endsWith("2,3"), "others pop meanwhile");
      const { cells } = recover(me, dead);
      const returned = popped(me.channel);
      assert.equal(returned.length, cells);
      if (!returned.includes(1)) lost++;
      demandWhole(me);
    },
  );
  // Before its claim the survivor had it: 3 of 1,2,3. After the cell was given back the dead thread had it.
  assert.ok(lost >= 2, "and a pop that was done is done");
});

test("a block is received by its receiver or by another one, at whatever step the receiver ends", () => {
  let [reclaimed, returned] = [0, 0];
  atEveryStep(
    (me, dead) => {
      for (let sent = 0; sent < 3; sent++) {
        const one = block(me.list);
        one.bytes.fill(sent);
        assert.ok(me.list.through(me.channel).send(one));
      }
      const lane = dead.list.through(dead.channel);
      return () => lane.receive();
    },
    (me, dead) => {
      const report = recover(me, dead);
      const blocks: Block[] = [];
      const lane = me.list.through(me.channel);
      for (let one = lane.receive(); one !== null; one = lane.receive()) blocks.push(one);
      assert.equal(blocks.length + report.reclaimed, 3, "each block is somewhere, and once");
      assert.deepEqual(
        blocks.map(({ bytes }) => bytes[0]).sort(),
        report.reclaimed ? [1, 2] : [0, 1, 2],
      );
      reclaimed += report.reclaimed;
      returned += report.cells;
      for (const one of blocks) one.free();
      assert.equal(me.list.statistics().held, 0);
      assert.equal(me.channel.statistics().stale, 0);
      demandWhole(me);
    },
  );
  assert.ok(reclaimed > 0 && returned > 0);
});

test("a block whose sender ended at any step of the sending reaches the receiver or the pool", () => {
  let [sent, reclaimed] = [0, 0];
  atEveryStep(
    (_, dead) => {
      const [first, second] = [block(dead.list), block(dead.list)];
      const lane = dead.list.through(dead.channel);
      return () => lane.send(first) && lane.send(second);
    },
    (me, dead) => {
      const report = recover(me, dead);
      sent += report.sent.length;
      reclaimed += report.reclaimed;
      assert.equal(report.sent.length + report.reclaimed, 2);
      assert.deepEqual(report.kept, []);
      assert.equal(me.system.audit().sent, report.sent.length);
      const lane = me.list.through(me.channel);
      for (const { address } of report.sent) {
        const mine = lane.receive() ?? assert.fail("it was sent");
        assert.equal(mine.address, address);
        mine.free();
      }
      assert.equal(lane.receive(), null);
      assert.equal(me.list.statistics().held, 0);
      demandWhole(me);
    },
  );
  assert.ok(sent > 0 && reclaimed > 0);
});

test("a thread that ends while it makes, closes, leaves or deletes a channel leaves nothing behind", () => {
  const actions: ((dead: Party) => unknown)[] = [
    ({ system }) => system.channel({ name: "new", capacity: 1 }),
    ({ channel }) => channel.close(),
    ({ channel }) => channel.leave(),
    ({ channel }) => channel.delete(),
  ];
  for (const action of actions) {
    let [before, left] = [0, 0];
    atEveryStep(
      (me, dead) => {
        before = me.system.audit().held;
        return () => action(dead);
      },
      (me, dead, died) => {
        if (died) recover(me, dead);
        else dead.system.detach();
        me.system.channel({ name: "new", capacity: 1 }).delete();
        me.channel.delete();
        left += me.system.audit().held - (before - 1); // the list's record stays
        assert.deepEqual(me.system.audit().problems, []);
        me.system.channel(NAME);
      },
    );
    // Between the pool's block and its being nobody's the record is a block like any other of the pool,
    // which stays allocated when its thread ends: one step of the making, and none of the others.
    assert.ok(left <= (action === actions[0] ? 1 : 0), `${left} records are left`);
  }
});

/** A thread that ended with a claim of each kind, a wait, a block that it sent and one that it received. */
function mess(me: Party, dead: Party): void {
  const lane = me.list.through(me.channel);
  assert.ok(lane.send(block(me.list)));
  assert.ok(dead.list.through(dead.channel).send(block(dead.list)));
  const place = channelPlaces(dead.system.region)[0] ?? assert.fail("there is the channel");
  for (const kind of [ITEMS, ROOM]) new Bell(place, dead.system.thread, kind).enter();
  const theirs = dead.list.through(dead.channel);
  // After the adoption, before the cell is given back.
  const { finish } = dead.channel;
  dead.channel.finish = () => {
    throw new Error("ended here");
  };
  assert.throws(() => theirs.receive(), /ended here/);
  dead.channel.finish = finish;
  assert.ok(me.channel.push(2 ** 50));
  dieAt(3, () => dead.channel.push(7));
}

test("a recoverer that ends at any step is recovered, and finishes with it", () => {
  let step = 1;
  for (; ; step++) {
    const { me, dead } = parties();
    mess(me, dead);
    const second = System.attach(me.system.ticket(), { locks: null });
    const recovery = (by: System, { thread }: System): unknown =>
      recoverThread(by.region, by.pool, { thread, epoch: 0 }, "report");
    const died = dieAt(step, () => recovery(second, dead.system));
    if (died) for (const one of [second, dead.system]) recovery(me.system, one);
    else second.detach();
    assert.deepEqual(me.system.audit().problems, [], `at step ${step}`);
    const lane = me.list.through(me.channel);
    const [first, other] = [lane.receive(), me.channel.pop()];
    assert.ok(first !== null && other === 2 ** 50, `at step ${step}`);
    first.free();
    assert.equal(me.list.statistics().held, 1, "what it had received is kept, as the policy says");
    demandWhole(me);
    const place = channelPlaces(me.system.region)[0] ?? assert.fail("there is the channel");
    const waiters = load(place.words, place.at + RECORD.WAITERS);
    const counts = [waiters & 0xffff, waiters >>> 16];
    assert.ok(
      counts.every((count) => count === 0 || (died && count === 1)),
      `${counts} at ${step}`,
    );
    me.system.detach();
    if (!died) break;
  }
  assert.ok(step > 20, `${step} steps`);
});

test("those who wait are woken when the thread that stood in their way is recovered", async () => {
  const { me, dead } = parties();
  dieAt(3, () => dead.channel.push(1)); // in FILL
  me.channel.push(2);
  const wait = me.channel.popAsync();
  recover(me, dead);
  assert.equal(await wait, 2);
  me.system.detach();
});

test("a value whose reader ended keeps a closed channel from being drained", async () => {
  const { me, dead } = parties();
  me.channel.push(1);
  me.channel.close();
  dead.channel.claim(3); // DRAIN
  const wait = me.channel.popAsync();
  assert.equal(me.channel.drained, false);
  recover(me, dead);
  assert.deepEqual([await wait, await me.channel.popAsync()], [1, null]);
  me.system.detach();
});

test("a block that a survivor adopts while its sender is recovered stays the survivor's", () => {
  const { me, dead } = parties();
  const blocks = [block(dead.list), block(dead.list), block(dead.list)];
  const handles = blocks.map(({ handle }) => handle);
  const adopted: Block[] = [];
  const { thread } = dead.system;
  recoverThread(me.system.region, me.system.pool, { thread, epoch: 0 }, () => {
    // When it is asked about the first one, the survivor has just adopted them all.
    if (adopted.length === 0) for (const handle of handles) adopted.push(me.list.adopt(handle));
    return "keep";
  });
  assert.equal(adopted.length, 3);
  for (const one of adopted) assert.ok(me.list.holds(one));
  assert.deepEqual(me.system.audit().problems, []);
  me.system.detach();
});

test("the audit finds claims of threads that are gone, and counts what lies in channels", () => {
  const { me, dead } = parties();
  const one = block(me.list);
  me.list.through(me.channel).send(one);
  me.channel.push(12_345);
  assert.deepEqual([me.system.audit().sent, me.system.audit().stale], [1, 1]);
  one.free();
  assert.deepEqual([me.system.audit().sent, me.system.audit().stale], [0, 2]);
  dead.channel.claim(3);
  dead.channel.leave = () => {};
  dead.system.detach();
  const [problem] = me.system.audit().problems;
  assert.match(problem ?? "", /^AU-5: .*"dead" is DRAIN by thread 2, which is not attached$/);
  me.system.detach();
});
