/** Drivers: what a scope left behind is found when it ends, and is fatal in checked mode. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  type BootOptions,
  boot,
  ExAllocatePoolWithTag,
  ExDeleteLookasideListEx,
  ExDeleteNPagedLookasideList,
  ExDeletePagedLookasideList,
  ExFreePool,
  ExInitializeLookasideListEx,
  ExInitializeNPagedLookasideList,
  ExInitializePagedLookasideList,
  loadDriver,
  NonPagedPool,
  NULL,
  PagedPool,
  SIZEOF_NPAGED_LOOKASIDE_LIST,
  shutdown,
  tag,
  ticket,
} from "lookaside/wdk";
import { crew } from "../../support/crew.js";
import type { deleteIt, initializeIt } from "./driver.tasks.js";

const TAG = tag("Driv");
const STORAGE = tag("Stor");
const tasks = new URL("./driver.tasks.js", import.meta.url);

function booted(t: TestContext, options: BootOptions = {}): void {
  boot({ bugChecks: "continue", ...options });
  t.after(shutdown);
}

function storage(): number {
  return ExAllocatePoolWithTag(NonPagedPool, SIZEOF_NPAGED_LOOKASIDE_LIST, STORAGE);
}

/** One list of each family, initialized now. */
function threeLists(): [number, number, number] {
  const lists: [number, number, number] = [storage(), storage(), storage()];
  ExInitializeNPagedLookasideList(lists[0], NULL, NULL, 0, 64, TAG, 0);
  ExInitializePagedLookasideList(lists[1], NULL, NULL, 0, 64, TAG, 0);
  ExInitializeLookasideListEx(lists[2], NULL, NULL, NonPagedPool, 0, 64, TAG, 0);
  return lists;
}

test("a driver that leaves nothing behind unloads with an empty report", (t) => {
  booted(t, { checked: true });
  const driver = loadDriver("clean", [TAG]);
  const [nonpaged, paged, unified] = threeLists();
  ExDeleteNPagedLookasideList(nonpaged);
  ExDeletePagedLookasideList(paged);
  ExDeleteLookasideListEx(unified);
  ExFreePool(ExAllocatePoolWithTag(PagedPool, 32, TAG));
  assert.equal(driver.name, "clean");
  assert.deepEqual(driver.unload(), { lists: [], tags: [] });
});

test("the report names every list of every family that was left in use, oldest first", (t) => {
  booted(t);
  const driver = loadDriver("leaky");
  const lists = threeLists();
  assert.deepEqual(driver.unload(), { lists, tags: [] });
});

test("lists that were there before, or come after, are not the driver's", (t) => {
  booted(t);
  threeLists();
  const driver = loadDriver("late");
  const report = driver.unload();
  threeLists();
  assert.deepEqual(report.lists, []);
});

test("a list initialized in another thread is not the driver's", async (t) => {
  booted(t);
  const driver = loadDriver("here");
  const data = { ticket: ticket(), list: storage() };
  await crew<typeof initializeIt>(tasks, { threads: 1, run: "initializeIt", data });
  assert.deepEqual(driver.unload().lists, []);
});

test("a list that another thread deleted is not left behind", async (t) => {
  booted(t);
  const driver = loadDriver("shared");
  const [nonpaged, paged, list] = threeLists();
  await crew<typeof deleteIt>(tasks, {
    threads: 1,
    run: "deleteIt",
    data: { ticket: ticket(), list },
  });
  assert.deepEqual(driver.unload().lists, [nonpaged, paged]);
});

test("in checked mode a list left in use is bug check 0xC7, which names the driver and its lists", (t) => {
  booted(t, { checked: true });
  const driver = loadDriver("leaky");
  const lists = threeLists();
  assert.throws(
    () => driver.unload(),
    (error: Error & { code: number; parameters: number[] }) => {
      assert.equal(error.name, "BugCheck");
      assert.equal(error.code, 0xc7);
      assert.deepEqual(error.parameters.slice(1, 3), [lists[0], 3]);
      assert.match(error.message, /"leaky"/);
      for (const list of lists) assert.ok(error.message.includes(`0x${list.toString(16)}`));
      return true;
    },
  );
});

test("the report counts what the driver's tags hold beyond what they held before", (t) => {
  booted(t);
  const before = ExAllocatePoolWithTag(NonPagedPool, 1_000, TAG);
  const driver = loadDriver("hoarder", [TAG, tag("Good")]);
  ExAllocatePoolWithTag(NonPagedPool, 100, TAG);
  ExAllocatePoolWithTag(PagedPool, 20, TAG);
  ExAllocatePoolWithTag(NonPagedPool, 100, tag("Othr"));
  ExFreePool(ExAllocatePoolWithTag(NonPagedPool, 100, tag("Good")));
  assert.deepEqual(driver.unload().tags, [{ tag: TAG, blocks: 2, bytes: 120 }]);
  ExFreePool(before);
});

test("in checked mode blocks left held are bug check 0xC4, 0x62, which says whose", (t) => {
  booted(t, { checked: true });
  const driver = loadDriver("hoarder", [TAG]);
  ExAllocatePoolWithTag(NonPagedPool, 100, TAG);
  ExAllocatePoolWithTag(PagedPool, 20, TAG);
  assert.throws(() => driver.unload(), {
    name: "BugCheck",
    code: 0xc4,
    parameters: [0x62, tag("hoar"), 0, 2], // the name has no address: its first four characters
    message: /"hoarder".* 2 blocks held: 2 of "Driv" \(120 bytes\)/,
  });
});

test("one driver at a time is loaded in a thread, and another after it", (t) => {
  booted(t);
  const driver = loadDriver("first");
  assert.throws(() => loadDriver("second"), { code: "ERR_ARGUMENT", message: /"second"/ });
  driver.unload();
  assert.equal(loadDriver("second").name, "second");
});

test("a driver whose unload was fatal is unloaded all the same", (t) => {
  booted(t, { checked: true });
  const driver = loadDriver("leaky");
  threeLists();
  assert.throws(() => driver.unload(), { code: 0xc7 });
  assert.deepEqual(loadDriver("next").unload(), { lists: [], tags: [] });
});

test("to unload twice does not end the scope of the next driver", (t) => {
  booted(t);
  const first = loadDriver("first");
  first.unload();
  const second = loadDriver("second");
  first.unload();
  const lists = threeLists();
  assert.deepEqual(second.unload().lists, lists);
});

test("a tag that is no number is refused and no driver is loaded", (t) => {
  booted(t);
  assert.throws(() => loadDriver("wrong", ["Driv" as unknown as number]), { code: "ERR_ARGUMENT" });
  assert.equal(loadDriver("right", [TAG]).name, "right");
});
