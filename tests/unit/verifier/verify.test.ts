/**
 * The verifier: who holds what and from where, dropped blocks, and nothing of it where it is off.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Block, BlockList, type LookasideError, NO_HANDLE, System } from "lookaside";
import { verify } from "lookaside/verifier";
import { seeded } from "../../support/seed.js";
import { brokenLaws } from "../../support/snapshot-laws.js";

const SMALL = { nonPaged: "4 MiB", paged: "1 MiB", threads: 4, depth: { periodMs: 0 } } as const;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** The line that calls this, as a stack has it. */
function line(): string {
  const at = new Error().stack?.split("\n")[2]?.trim().replace(/^at /, "") ?? "";
  return at.replace(/:\d+\)?$/, "");
}

function held(block: Block | null): Block {
  assert.ok(block);
  return block;
}

/** Lets finalizers run: they are tasks of their own, after a collection. */
async function collected(isDone: () => boolean, turns = 100): Promise<void> {
  for (let turn = 0; turn < turns && !isDone(); turn++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("a system where nothing is held is empty, and one where something is says who holds what", () => {
  const one = System.create(SMALL);
  const other = System.attach(one.ticket());
  one.assertEmpty();
  assert.deepEqual(one.leaks(), []);
  const mine = one.blockList({ tag: "Mine", size: 100 });
  const blocks = [mine.allocate(), mine.allocate()];
  const theirs = other.blockList({ tag: "Ours", name: "theirs", size: 64 });
  const last = theirs.allocateHandle();
  assert.notEqual(last, NO_HANDLE);
  assert.deepEqual(one.leaks(), [
    { list: "Mine", tag: "Mine", kind: "block", thread: 1, held: 2, bytes: 200, sites: [] },
    { list: "theirs", tag: "Ours", kind: "block", thread: 2, held: 1, bytes: 64, sites: [] },
  ]);
  assert.throws(() => one.assertEmpty(), {
    code: "ERR_NOT_EMPTY",
    message:
      "Cannot take the system for empty: 3 held\n" +
      'list "Mine" (tag "Mine"): 2 blocks (200 bytes) held by thread 1\n' +
      'list "theirs" (tag "Ours"): 1 block (64 bytes) held by thread 2',
  });
  for (const block of blocks) block?.free();
  theirs.freeHandle(last as never);
  one.assertEmpty();
  for (const system of [other, one]) system.detach();
});

test("what is held of a list that was deleted is told too, and so are objects", () => {
  const system = System.create(SMALL);
  const gone = system.blockList({ tag: "Gone", size: 100 });
  const blocks = [held(gone.allocate()), held(gone.allocate())];
  gone.delete();
  const objects = system.objectList({ tag: "Objs", create: () => ({}), bytes: 40 });
  const object = objects.allocate() as object;
  const stray = { list: null, tag: "", kind: "block", thread: 1, held: 2, sites: [] } as const;
  const [first, second, ...more] = system.leaks();
  assert.deepEqual(
    [first, { ...second, bytes: 0 }, more],
    [
      { list: "Objs", tag: "Objs", kind: "object", thread: 1, held: 1, bytes: 40, sites: [] },
      { ...stray, bytes: 0 },
      [],
    ],
  );
  assert.ok((second?.bytes ?? 0) >= 200, "as large as the pool made them");
  assert.throws(
    () => system.assertEmpty(),
    /a deleted list: 2 blocks \(\d+ bytes\) held by thread 1$/,
  );
  for (const block of blocks) block.free();
  objects.free(object);
  system.assertEmpty();
  system.detach();
});

test("each held block is told with the line that allocated it, most blocks first", () => {
  const system = System.create(SMALL);
  verify(system, { sampleSites: 1 });
  const list = system.blockList({ tag: "Site", size: 64 });
  const blocks: Block[] = [];
  const once = (): [Block, string] => [held(list.allocate()), line()];
  const [single, singleLine] = once();
  let manyLine = "";
  for (let at = 0; at < 3; at++) {
    const [block, where] = [held(list.allocateOrThrow()), line()];
    blocks.push(block);
    manyLine = where;
  }
  const handle = list.allocateHandle();
  list.allocate()?.free();
  const [leak] = system.leaks();
  assert.deepEqual([leak?.held, leak?.sites.map(({ sampled }) => sampled)], [5, [3, 1, 1]]);
  const sites = leak?.sites.map(({ site }) => site) ?? [];
  assert.ok(sites[0]?.startsWith(manyLine.replace(/:\d+$/, "")), `${sites[0]} for ${manyLine}`);
  assert.ok(sites[1]?.includes(singleLine.replace(/:\d+$/, "").replace(/^.*\(/, "")));
  assert.ok(sites[2]?.includes("verify.test.js"));
  assert.throws(
    () => system.assertEmpty(),
    (error: LookasideError) => error.message.includes(`3 sampled, from ${sites[0]}`),
  );
  for (const block of [single, ...blocks]) block.free();
  list.freeHandle(handle as never);
  system.assertEmpty();
  system.detach();
});

test("one allocation in so many is sampled, and none unless it is asked for", () => {
  for (const [sampleSites, sampled] of [
    [10, [10]],
    [0, []],
  ] as const) {
    const system = System.create(SMALL);
    verify(system, { sampleSites });
    const list = system.blockList({ tag: "Each", size: 64 });
    const blocks = Array.from({ length: 100 }, () => held(list.allocate()));
    const [leak] = system.leaks();
    assert.equal(leak?.held, 100);
    assert.deepEqual(
      leak?.sites.map((site) => site.sampled),
      sampled,
    );
    for (const block of blocks) block.free();
    system.detach();
  }
});

test("a block that another thread adopted is no longer told as this one's", () => {
  const one = System.create(SMALL);
  const other = System.attach(one.ticket());
  for (const system of [one, other]) verify(system, { sampleSites: 1 });
  const from = one.blockList({ tag: "Pass", size: 64 });
  const to = other.blockList({ tag: "Pass", size: 64 });
  const adopted = to.adopt(held(from.allocate()).handle as never);
  assert.deepEqual(
    one.leaks().map(({ thread, sites }) => [thread, sites.length]),
    [[2, 0]],
  );
  const [leak] = other.leaks();
  assert.match(leak?.sites[0]?.site ?? "", /verify\.test\.js/);
  adopted.free();
  for (const system of [other, one]) {
    system.assertEmpty();
    system.detach();
  }
});

test("a verified list behaves as a plain one in any sequence of calls", () => {
  const random = seeded(import.meta.url);
  const systems = [System.create(SMALL), System.create(SMALL)] as const;
  verify(systems[1], { sampleSites: 3 });
  const options = { tag: "Twin", size: 48, maximumDepth: 20, batch: 4 } as const;
  const lists = systems.map((system) => system.blockList(options));
  const taken: Block[][] = [[], []];
  for (let step = 0; step < 5_000; step++) {
    const dice = random.int(100);
    const at = random.int(30);
    lists.forEach((list, which) => {
      const mine = taken[which] ?? [];
      if (dice < 48) mine.push(held(list.allocate()));
      else if (dice < 90) mine.splice(at, 1)[0]?.free();
      else if (dice < 93) list.freeHandle(list.allocateHandle() as never);
      else if (dice < 96 && mine[0] !== undefined)
        mine.push(list.adopt((mine.shift() as Block).handle as never));
      else if (dice < 98) list.reserve(at % 4);
      else if (dice < 99) list.trim();
      else list.depth = at % 21;
    });
    assert.deepEqual(lists[1]?.statistics(), lists[0]?.statistics());
  }
  assert.deepEqual(
    taken[1]?.map((block) => block.address),
    taken[0]?.map((block) => block.address),
  );
  for (const system of systems) {
    assert.deepEqual(brokenLaws(system.snapshot({ blocks: true })), []);
    assert.deepEqual([...system.audit().problems], []);
    system.detach();
  }
});

test("misuse of a verified list is refused as ever", () => {
  const system = System.create(SMALL);
  verify(system, { sampleSites: 1 });
  const list = system.blockList({ tag: "Miss", size: 64 });
  const block = held(list.allocate());
  block.free();
  assert.throws(() => block.free(), { code: "ERR_DOUBLE_FREE" });
  assert.throws(() => list.freeHandle(-5 as never), { code: "ERR_ARGUMENT" });
  assert.throws(() => list.freeHandle(7 as never), { code: "ERR_DOUBLE_FREE" });
  assert.throws(() => list.free({} as never), { code: "ERR_FOREIGN_BLOCK" });
  system.detach();
});

test("a block that is dropped without free is told of, once for each line", async () => {
  const system = System.create(SMALL);
  const told: { readonly list: string; readonly site: string | null }[] = [];
  verify(system, { sampleSites: 1, dropped: (block) => told.push(block) });
  const list = system.blockList({ tag: "Drop", size: 64 });
  const kept = held(list.allocate());
  held(list.allocate()).free();
  (() => {
    for (let at = 0; at < 5; at++) list.allocate();
  })();
  const shown = held(list.allocate()).handle; // whoever has the handle can adopt the block
  await collected(() => told.length > 0);
  await collected(() => told.length > 1, 2);
  assert.equal(told.length, 1);
  assert.equal(told[0]?.list, "Drop");
  assert.match(told[0]?.site ?? "", /verify\.test\.js/);
  list.adopt(shown as never).free();
  kept.free();
  assert.equal(system.leaks()[0]?.held, 5);
  system.detach();
});

test("without an option, what is dropped is a warning of the process", async (context) => {
  const { mock } = context.mock.method(process, "emitWarning", () => {});
  const system = System.create(SMALL);
  verify(system);
  const list = system.blockList({ tag: "Warn", size: 64 });
  (() => {
    list.allocate();
  })();
  await collected(() => mock.callCount() > 0);
  const [call] = mock.calls;
  assert.match(
    String(call?.arguments[0]),
    /^A block of list "Warn" \(tag "Warn"\) at 0x[0-9a-f]+ was dropped without free: sample/,
  );
  system.detach();
});

test("lists are plain where the verifier is off: before, after, and in other systems", () => {
  const [system, other] = [System.create(SMALL), System.create(SMALL)];
  const before = system.blockList({ tag: "Befo", size: 64 });
  const stop = verify(system, { sampleSites: 1 });
  assert.throws(() => verify(system), { code: "ERR_ARGUMENT" });
  const during = system.blockList({ tag: "Duri", size: 64 });
  stop();
  const after = system.blockList({ tag: "Afte", size: 64 });
  const elsewhere = other.blockList({ tag: "Else", size: 64 });
  for (const plain of [before, after, elsewhere]) {
    assert.equal(Object.getPrototypeOf(plain), BlockList.prototype);
  }
  assert.notEqual(Object.getPrototypeOf(during), BlockList.prototype);
  verify(system)();
  for (const each of [system, other]) each.detach();
});

test("options of the verifier that cannot be are refused", () => {
  const system = System.create(SMALL);
  for (const options of [
    { sampleSites: -1 },
    { sampleSites: 1.5 },
    { sample: 1 },
    { dropped: 7 },
    7,
    null,
  ]) {
    assert.throws(() => verify(system, options as never), { code: "ERR_OPTION" });
  }
  verify(system);
  system.detach();
});
