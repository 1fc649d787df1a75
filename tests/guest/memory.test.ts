/** The guest's own memory: static data, thread-local data and stack lie in the pool, and nowhere else. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { type Guest, loadGuest } from "lookaside/guest";
import * as wdk from "lookaside/wdk";
import { type Probe, probeModule } from "./guests.js";
import { dylink, SHARED_MEMORY, type TinyImport, tinyWasm } from "./tiny-wasm.js";

const module = await probeModule();
const GUEST_TAG = wdk.tag("Gues");

beforeEach(() => wdk.boot({ depth: { periodMs: 0 }, bugChecks: "continue" }));
afterEach(() => wdk.shutdown());

function load(stackBytes = 65_536): Promise<Guest<Probe>> {
  return loadGuest<Probe>(module, { name: "probe", stackBytes });
}

test("static data have their values, zeroes their zeroes, pointers in data point", async () => {
  const { functions } = await load();
  assert.equal(functions.count(), 42);
  assert.equal(functions.sumOfZeroes(), 0);
  assert.equal(String.fromCharCode(functions.letter(2, 0)), "t");
  assert.equal(wdk.queryPoolBlock(functions.handled(48))?.bytes, 48, "a function pointer in data");
  assert.equal(functions.allocateCalls(), 1);
});

test("static data survive the guest: loaded again, it goes on where it stopped", async () => {
  const first = await load();
  first.functions.count();
  first.functions.setName(0, 1);
  first.unload();
  const second = await load();
  assert.equal(second.functions.count(), 43);
  assert.equal(
    String.fromCharCode(second.functions.letter(0, 0)),
    "o",
    "pointers are not set back",
  );
  assert.equal(second.functions.constructed(), 1, "constructors run once");
});

test("static data and stack are held nonpaged blocks of the guests' tag", async () => {
  const guest = await load();
  const { Diff, Bytes } = wdk.poolUsage(GUEST_TAG).NonPaged;
  assert.equal(Diff, 3, "static data, stack and thread-local data");
  assert.ok(Bytes > 65_536 && Bytes < 80_000, `${Bytes} bytes`);
  const own = [guest.addressOf("Shown"), guest.functions.frameAddress() >>> 0];
  const blocks = own.map((address) => wdk.queryPoolBlock(address & ~0xf));
  assert.deepEqual(
    blocks.map((block) => block === null),
    [true, true],
    "inside blocks, not at their start",
  );
  const outside = wdk.system().region.layout.dataByte;
  assert.ok(
    own.every((address) => address > outside),
    "and behind all that the system needs itself",
  );
});

test("an exported variable is found at its address", async () => {
  const guest = await load();
  const address = guest.addressOf("Shown");
  assert.equal(new Int32Array(wdk.memory().buffer)[address >>> 2], 1234);
  assert.throws(() => guest.addressOf("Hidden"), { code: "ERR_ARGUMENT" });
});

test("a variable that the guest finds through its offset table lies where it is exported", async () => {
  const entry: TinyImport = {
    module: "GOT.mem",
    name: "Shown",
    global: "mutable",
    exported: "entry",
  };
  const imports = [SHARED_MEMORY, entry];
  const bytes = tinyWasm({ dylink: dylink(64), imports, globals: { Shown: 8 } });
  const guest = await loadGuest(bytes, { name: "table" });
  const shown = guest.addressOf("Shown");
  const base = shown - 8;
  assert.equal(guest.addressOf("entry") - base, shown);
});

test("unloading gives the stack and the thread-local data back", async () => {
  const guest = await load();
  guest.unload();
  assert.equal(wdk.poolUsage(GUEST_TAG).NonPaged.Diff, 1, "the static data stay");
});

test("so does a shutdown: another thread can use the memory", async () => {
  const ticket = wdk.ticket();
  await load();
  wdk.shutdown();
  wdk.boot(ticket);
  assert.equal(wdk.poolUsage(GUEST_TAG).NonPaged.Diff, 1);
});

test("thread-local data have their values again in every instance", async () => {
  const first = await load();
  assert.deepEqual([first.functions.countHere(), first.functions.countHere()], [8, 9]);
  first.unload();
  const second = await load();
  assert.equal(second.functions.countHere(), 8);
});

test("the stack is as large as asked for", async () => {
  const { functions } = await load(1_048_576);
  assert.equal(functions.deep(900), 900);
});

test("a guest that runs over its stack stops the machine", async () => {
  const { functions } = await load(16_384);
  assert.throws(
    () => functions.deep(24),
    (error) => error instanceof wdk.BugCheck && error.code === 0xf7,
  );
});

test("when the pool has no room for a guest, nothing of it stays", async () => {
  wdk.shutdown();
  wdk.boot({ nonPagedPoolBytes: 524_288, depth: { periodMs: 0 } });
  await assert.rejects(
    load(1_048_576),
    (error) =>
      error instanceof wdk.StatusError && error.status === wdk.STATUS_INSUFFICIENT_RESOURCES,
  );
  assert.equal(wdk.poolUsage(GUEST_TAG).NonPaged.Diff, 0);
  const guest = await load(1_024);
  assert.equal(guest.functions.count(), 42);
});

test("whichever block of a guest the pool refuses, nothing of it stays, and it loads later", async () => {
  for (const onlyNth of [1, 2, 3]) {
    wdk.shutdown();
    wdk.boot({ depth: { periodMs: 0 } });
    wdk.simulateLowResources({ tags: [GUEST_TAG], onlyNth });
    await assert.rejects(load(), (error) => error instanceof wdk.StatusError, `block ${onlyNth}`);
    assert.equal(wdk.poolUsage(GUEST_TAG).NonPaged.Diff, 0, `block ${onlyNth}`);
    const guest = await load();
    assert.deepEqual([guest.functions.count(), guest.functions.constructed()], [42, 1]);
  }
});
