/**
 * Observers: each slow path tells one event, to all who listen; hits tell none; who throws disturbs nobody.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { type ObserverHooks, System } from "lookaside";

const SMALL = { nonPaged: "1 MiB", paged: "1 MiB", threads: 4, depth: { periodMs: 0 } } as const;

/** Hooks that write down what they are told. */
function recorder(): { readonly told: [string, object][]; readonly hooks: ObserverHooks } {
  const told: [string, object][] = [];
  const hook =
    (name: string) =>
    (event: object): void => {
      told.push([name, event]);
    };
  const hooks: ObserverHooks = {
    miss: hook("miss"),
    overflow: hook("overflow"),
    depth: hook("depth"),
    recovery: hook("recovery"),
    error: hook("error"),
  };
  return { told, hooks };
}

test("misses, overflows, changes of depth and misuse are told, and hits are not", () => {
  const system = System.create(SMALL);
  const { told, hooks } = recorder();
  const stop = system.observe(hooks);
  const list = system.blockList({ tag: "Obsv", name: "seen", size: 64, maximumDepth: 4 });
  const of = { list: "seen", tag: "Obsv", thread: 1 };
  const demand = (...events: [string, object][]): void => {
    assert.deepEqual(told.splice(0), events);
  };
  const block = list.allocate();
  demand(["miss", { ...of, served: true }]);
  block?.free();
  list.allocate()?.free();
  list.freeHandle(list.allocateHandle() as never);
  demand();
  list.depth = 0;
  list.depth = 0;
  demand(["depth", { ...of, before: 4, after: 0 }]);
  list.trim();
  demand();
  list.allocate()?.free();
  demand(["miss", { ...of, served: true }], ["overflow", of]);
  assert.throws(() => block?.free(), { code: "ERR_DOUBLE_FREE" });
  const [[name, error] = ["", {}], ...more] = told.splice(0);
  assert.deepEqual([name, more], ["error", []]);
  const { code, message } = error as { readonly code: string; readonly message: string };
  assert.equal(code, "ERR_DOUBLE_FREE");
  assert.match(message, /^Cannot free block 0x/);
  stop();
  stop();
  list.allocate();
  demand();
  system.detach();
});

test("depth that the policy changes is told too: on proof of need, for a reservation, in a tick", () => {
  const system = System.create(SMALL);
  const { told, hooks } = recorder();
  const list = system.blockList({ tag: "Auto", size: 64, depth: 1, maximumDepth: 64 });
  const of = { list: "Auto", tag: "Auto", thread: 1 };
  const { miss: _, overflow: __, ...others } = hooks;
  system.observe(others);
  const blocks = [list.allocate(), list.allocate(), list.allocate()];
  for (const block of blocks) block?.free();
  assert.deepEqual(told, [], "a free alone is no proof");
  blocks.splice(0, 2, list.allocate(), list.allocate());
  const grown = list.depth;
  assert.ok(grown > 1);
  assert.deepEqual(told.splice(0), [["depth", { ...of, before: 1, after: grown }]]);
  list.reserve(40);
  const reserved = list.depth;
  assert.deepEqual(told.splice(0), [["depth", { ...of, before: grown, after: reserved }]]);
  for (let visit = 0; visit < 1_000 && told.length === 0; visit++) system.tick();
  assert.deepEqual(told, [["depth", { ...of, before: reserved, after: list.depth }]]);
  assert.ok(list.depth < reserved);
  system.detach();
});

test("an observer may delete the list that it hears of", () => {
  const system = System.create(SMALL);
  let list = system.blockList({ tag: "Gone", size: 64, depth: 0 });
  const blocks = [list.allocate(), list.allocate()];
  system.observe({ depth: () => list.delete() });
  blocks[0]?.free();
  blocks[0] = list.allocate(); // grows
  for (const block of blocks) block?.free();
  assert.equal(list.closed, true);
  list = system.blockList({ tag: "Gone", size: 64, depth: 0 });
  assert.deepEqual([list.reserve(4), list.closed], [4, true]);
  assert.deepEqual([...system.audit().problems], []);
  assert.deepEqual(system.snapshot({ blocks: true }).lists, []);
  system.detach();
});

test("a miss that the pool could not serve says so", () => {
  const system = System.create(SMALL);
  const { told, hooks } = recorder();
  const list = system.blockList({ tag: "Full", size: 600_000 });
  list.allocate();
  system.observe(hooks);
  assert.equal(list.allocate(), null);
  assert.deepEqual(told, [["miss", { list: "Full", tag: "Full", thread: 1, served: false }]]);
  system.detach();
});

test("a recovery is told to the thread that made it", async () => {
  const system = System.create(SMALL);
  const { told, hooks } = recorder();
  system.observe(hooks);
  const program = `
    import { workerData } from "node:worker_threads";
    import { System } from ${JSON.stringify(import.meta.resolve("lookaside"))};
    const list = System.attach(workerData).blockList({ tag: "Lost", size: 64 });
    const [one] = [list.allocate(), list.allocate(), list.allocate()];
    one.free();
    process.exit();
  `;
  const url = new URL(`data:text/javascript,${encodeURIComponent(program)}`);
  const worker = new Worker(url, { workerData: system.ticket() });
  const recovered = system.watch(worker);
  await once(worker, "exit");
  await recovered;
  const told2 = { thread: 2, recoverer: 1, parked: 1, reclaimed: 2, kept: 0 };
  assert.deepEqual(told, [["recovery", told2]]);
  system.detach();
});

test("an observer that throws changes nothing for the list, for others and for the caller", (context) => {
  const system = System.create(SMALL);
  const { mock } = context.mock.method(globalThis, "queueMicrotask", () => {});
  system.observe({
    miss: () => {
      throw new Error("from an observer");
    },
  });
  const { told, hooks } = recorder();
  system.observe(hooks);
  const list = system.blockList({ tag: "Thrw", size: 64 });
  list.allocate()?.free();
  assert.equal(told.length, 1);
  const [later] = mock.calls;
  assert.throws(() => later?.arguments[0]?.(), { message: "from an observer" });
  const { held, parked } = list.statistics();
  assert.deepEqual({ held, parked }, { held: 0, parked: 1 });
  system.detach();
});

test("an observer that uses the list it hears of does not call itself", () => {
  const system = System.create(SMALL);
  const list = system.blockList({ tag: "Self", size: 64, maximumDepth: 0 });
  let calls = 0;
  const stop = system.observe({
    miss: () => {
      calls++;
      list.allocate()?.free();
    },
  });
  list.allocate()?.free();
  assert.equal(calls, 1);
  stop();
  system.detach();
});

test("events are frozen, and hooks that cannot be are refused", () => {
  const system = System.create(SMALL);
  system.observe({ miss: (event) => assert.ok(Object.isFrozen(event)) });
  system.blockList({ tag: "Frzn", size: 64 }).allocate();
  for (const hooks of [null, 7, { misses: () => {} }, { miss: 7 }]) {
    assert.throws(() => system.observe(hooks as never), { code: "ERR_OPTION" });
  }
  system.detach();
});
