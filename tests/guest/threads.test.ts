/** One guest in several threads: one set of static data, one list, each other's routines. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { loadGuest } from "lookaside/guest";
import * as wdk from "lookaside/wdk";
import { crew, startCrew } from "../support/crew.js";
import { descriptor, type Probe, probeModule } from "./guests.js";
import type { count, dieAsFirst, dieLoaded, share, strange } from "./threads.tasks.js";
import { dylink, SHARED_MEMORY, tinyWasm } from "./tiny-wasm.js";

const tasks = new URL("./threads.tasks.js", import.meta.url);
const module = await probeModule();
const GUEST_TAG = wdk.tag("Gues");

beforeEach(() => wdk.boot({ depth: { periodMs: 0 } }));
afterEach(() => wdk.shutdown());

function orders(list = 0, guest = module) {
  return { ticket: wdk.ticket(), module: guest, list };
}

test("instances in four threads, made at once, share one set of static data", async () => {
  const results = await crew<typeof count>(tasks, { threads: 4, run: "count", data: orders() });
  const counts = results.map(([counted]) => counted).sort();
  const last = 41 + 4 * 10_000 + 4;
  assert.deepEqual(counts, [last - 3, last - 2, last - 1, last]);
  assert.deepEqual(
    results.map(([, here]) => here),
    [8, 8, 8, 8],
    "thread-local data are each thread's own",
  );
  assert.deepEqual(
    results.map(([, , constructed]) => constructed),
    [1, 1, 1, 1],
  );
  assert.equal(wdk.poolUsage(GUEST_TAG).NonPaged.Diff, 1, "and all else was given back");
});

test("two threads share a guest's list, and each calls the routines of its own instance", async () => {
  const list = descriptor();
  const results = await crew<typeof share>(tasks, { threads: 2, run: "share", data: orders(list) });
  assert.deepEqual(results, [[0], [0]]);
  const { functions } = await loadGuest<Probe>(module, { name: "probe" });
  const { TotalAllocates, AllocateMisses, TotalFrees, FreeMisses, CurrentDepth } =
    wdk.queryLookaside(list);
  const entries =
    2 * Array.from({ length: 300 }, (_, round) => 1 + (round % 9)).reduce((a, b) => a + b);
  assert.deepEqual([TotalAllocates, TotalFrees], [entries, entries]);
  assert.equal(functions.allocateCalls(), AllocateMisses);
  assert.equal(functions.freeCalls(), FreeMisses);
  assert.equal(AllocateMisses - FreeMisses, CurrentDepth);
  wdk.ExDeleteLookasideListEx(list);
  assert.equal(functions.freeCalls(), functions.allocateCalls());
});

test("a thread that has not loaded the guest is told which guest it misses", async () => {
  const list = descriptor();
  const { functions } = await loadGuest<Probe>(module, { name: "probe" });
  functions.makeList(list, 0);
  const [message] = await crew<typeof strange>(tasks, {
    threads: 1,
    run: "strange",
    data: orders(list),
  });
  assert.match(message ?? "", /routine "guest:probe#\d+": thread 2 has not registered it/);
});

test("a thread that dies while it is the first leaves the guest to the next", async () => {
  const construct = {
    module: "env",
    name: "construct",
    function: ">",
    exported: "__wasm_call_ctors",
  };
  const bytes = tinyWasm({ dylink: dylink(64), imports: [SHARED_MEMORY, construct] });
  const slow = await WebAssembly.compile(bytes);
  const dying = startCrew<typeof dieAsFirst>(tasks, {
    threads: 1,
    run: "dieAsFirst",
    data: orders(0, slow),
  });
  const recovered = wdk.system().watch(dying.workers[0] as never);
  await dying.gates.reached(0);
  await dying.terminate(0);
  assert.deepEqual(
    (await recovered).flatMap(({ locks }) => locks),
    ["guests"],
  );
  let constructed = 0;
  const env = { construct: () => ++constructed };
  await loadGuest(slow, { name: "slow", imports: { env } });
  assert.equal(constructed, 1);
});

test("what a dead thread's instance held is freed by the next thread of its number", async () => {
  for (let time = 0; time < 3; time++) {
    const dying = startCrew<typeof dieLoaded>(tasks, {
      threads: 1,
      run: "dieLoaded",
      data: orders(),
    });
    const recovered = wdk.system().watch(dying.workers[0] as never);
    await dying.gates.reached(0);
    await dying.terminate(0);
    await recovered;
    assert.equal(wdk.poolUsage(GUEST_TAG).NonPaged.Diff, 3, `after death ${time + 1}`);
  }
  const [result] = await crew<typeof count>(tasks, { threads: 1, run: "count", data: orders() });
  assert.equal(result?.[2], 1);
  assert.equal(wdk.poolUsage(GUEST_TAG).NonPaged.Diff, 1);
});
