/** The machine after a bug check: it stops for good, or goes on where tests asked for that. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  activeLists,
  advanceClock,
  type BootOptions,
  BugCheck,
  boot,
  ExAdjustLookasideDepth,
  ExAllocateFromLookasideListEx,
  ExAllocateFromNPagedLookasideList,
  ExAllocateFromPagedLookasideList,
  ExAllocatePool2,
  ExAllocatePoolWithQuotaTag,
  ExAllocatePoolWithTag,
  ExDeleteLookasideListEx,
  ExDeleteNPagedLookasideList,
  ExFlushLookasideListEx,
  ExFreePool,
  ExFreePoolWithTag,
  ExFreeToLookasideListEx,
  ExFreeToNPagedLookasideList,
  ExFreeToPagedLookasideList,
  ExInitializeLookasideListEx,
  ExInitializeNPagedLookasideList,
  ExInitializePagedLookasideList,
  InitializeSListHead,
  InterlockedIncrement,
  isBooted,
  KeGetCurrentIrql,
  KeLowerIrql,
  KeRaiseIrql,
  loadDriver,
  memory,
  NonPagedPool,
  NULL,
  POOL_FLAG_NON_PAGED,
  poolInformation,
  poolUsage,
  queryLookaside,
  queryPoolBlock,
  reportLookaside,
  reportPoolmon,
  reportPoolUsed,
  resetLookasideCounters,
  routine,
  SIZEOF_LOOKASIDE_LIST_EX,
  setLookasideDepth,
  shutdown,
  simulateLowResources,
  tag,
  ticket,
  touch,
  verifierCounters,
} from "lookaside/wdk";
import { startCrew } from "../../support/crew.js";
import { type Answer, ATTACHED, CHECKED, type callAfterwards } from "./machine.tasks.js";

const TAG = tag("Mach");
const tasks = new URL("./machine.tasks.js", import.meta.url);

function booted(t: TestContext, options: BootOptions = {}): void {
  boot(options);
  t.after(shutdown);
}

/** A unified list. */
function makeList(): number {
  const list = ExAllocatePoolWithTag(NonPagedPool, SIZEOF_LOOKASIDE_LIST_EX, TAG);
  ExInitializeLookasideListEx(list, NULL, NULL, NonPagedPool, 0, 64, TAG, 0);
  return list;
}

/** Ends in bug check 0xC2, 0x07 (0xC4, 0x13 in checked mode): the same block is freed twice. */
function freeTwice(): BugCheck {
  const block = ExAllocatePoolWithTag(NonPagedPool, 64, TAG);
  ExFreePool(block);
  return caught(() => ExFreePool(block));
}

function caught(call: () => unknown): BugCheck {
  let found: unknown;
  assert.throws(call, (error) => {
    found = error;
    return error instanceof BugCheck;
  });
  return found as BugCheck;
}

/** A call of every kind of routine, by name. `list` is a list with room, `entry` a held entry of it. */
function calls(list: number, entry: number): readonly (readonly [string, () => unknown])[] {
  return [
    ["activeLists", () => activeLists()],
    ["advanceClock", () => advanceClock(1)],
    ["ExAdjustLookasideDepth", () => ExAdjustLookasideDepth()],
    ["ExAllocatePoolWithTag", () => ExAllocatePoolWithTag(NonPagedPool, 64, TAG)],
    ["ExAllocatePoolWithQuotaTag", () => ExAllocatePoolWithQuotaTag(NonPagedPool, 64, TAG)],
    ["ExAllocatePool2", () => ExAllocatePool2(POOL_FLAG_NON_PAGED, 64, TAG)],
    ["ExAllocateFromLookasideListEx", () => ExAllocateFromLookasideListEx(list)],
    ["ExAllocateFromNPagedLookasideList", () => ExAllocateFromNPagedLookasideList(list)],
    ["ExAllocateFromPagedLookasideList", () => ExAllocateFromPagedLookasideList(list)],
    ["ExFreeToLookasideListEx", () => ExFreeToLookasideListEx(list, entry)],
    ["ExFreeToNPagedLookasideList", () => ExFreeToNPagedLookasideList(list, entry)],
    ["ExFreeToPagedLookasideList", () => ExFreeToPagedLookasideList(list, entry)],
    ["ExInitializeLookasideListEx", () => makeList()],
    [
      "ExInitializeNPagedLookasideList",
      () => ExInitializeNPagedLookasideList(list, NULL, NULL, 0, 64, TAG, 0),
    ],
    [
      "ExInitializePagedLookasideList",
      () => ExInitializePagedLookasideList(list, NULL, NULL, 0, 64, TAG, 0),
    ],
    ["ExFlushLookasideListEx", () => ExFlushLookasideListEx(list)],
    ["ExDeleteLookasideListEx", () => ExDeleteLookasideListEx(list)],
    ["ExDeleteNPagedLookasideList", () => ExDeleteNPagedLookasideList(list)],
    ["ExFreePool", () => ExFreePool(entry)],
    ["ExFreePoolWithTag", () => ExFreePoolWithTag(entry, TAG)],
    ["InitializeSListHead", () => InitializeSListHead(entry)],
    ["InterlockedIncrement", () => InterlockedIncrement(entry)],
    ["KeGetCurrentIrql", () => KeGetCurrentIrql()],
    ["KeRaiseIrql", () => KeRaiseIrql(0)],
    ["KeLowerIrql", () => KeLowerIrql(0)],
    ["loadDriver", () => loadDriver("late")],
    ["memory", () => memory()],
    ["poolInformation", () => poolInformation()],
    ["poolUsage", () => poolUsage()],
    ["queryLookaside", () => queryLookaside(list)],
    ["queryPoolBlock", () => queryPoolBlock(entry)],
    ["reportLookaside", () => reportLookaside()],
    ["reportPoolmon", () => reportPoolmon()],
    ["reportPoolUsed", () => reportPoolUsed()],
    ["resetLookasideCounters", () => resetLookasideCounters(list)],
    ["routine", () => routine("Late", () => 0)],
    ["setLookasideDepth", () => setLookasideDepth(list, 4)],
    ["simulateLowResources", () => simulateLowResources(null)],
    ["ticket", () => ticket()],
    ["touch", () => touch(entry, 8)],
    ["verifierCounters", () => verifierCounters()],
  ];
}

for (const checked of [false, true]) {
  const mode = checked ? "checked" : "unchecked";

  test(`after a bug check the ${mode} machine refuses every call with what stopped it`, (t) => {
    booted(t, { checked });
    const list = makeList();
    const entry = ExAllocateFromLookasideListEx(list);
    const { code, parameters } = freeTwice();
    assert.deepEqual([code, parameters[0]], checked ? [0xc4, 0x13] : [0xc2, 0x07]);
    for (const [name, call] of calls(list, entry)) {
      const refusal = caught(call);
      assert.deepEqual([refusal.code, ...refusal.parameters], [code, ...parameters], name);
      assert.match(refusal.message, /^The machine has stopped /, name);
    }
  });
}

test("without a machine every routine says that boot() comes first", (t) => {
  booted(t);
  const list = makeList();
  const entry = ExAllocateFromLookasideListEx(list);
  shutdown();
  assert.equal(isBooted(), false);
  for (const [name, call] of calls(list, entry)) {
    const expected = {
      name: "LookasideError",
      code: "ERR_NOT_ATTACHED",
      message: /boot\(\) comes first/,
    };
    assert.throws(call, expected, name);
  }
});

test("a refused call changes nothing, not even where it would have hit", (t) => {
  booted(t);
  const list = makeList();
  ExFreeToLookasideListEx(list, ExAllocateFromLookasideListEx(list));
  const bytes = new Uint8Array(memory().buffer, list, SIZEOF_LOOKASIDE_LIST_EX);
  const before = bytes.slice();
  freeTwice();
  caught(() => ExAllocateFromLookasideListEx(list));
  assert.deepEqual(bytes, before);
});

test("a bug check tells code and parameters in numbers and in its message", (t) => {
  booted(t);
  const check = caught(() => InterlockedIncrement(0xffff_fff0));
  assert.equal(check.name, "BugCheck");
  assert.ok(check instanceof Error);
  assert.deepEqual([check.code, ...check.parameters], [0x0a, 0xffff_fff0, 0, 1, 0]);
  assert.match(
    check.message,
    /^InterlockedIncrement cannot .*\(bug check 0x0A: 0xFFFFFFF0, 0x0, 0x1, 0x0\)$/,
  );
  const refusal = caught(() => memory());
  assert.deepEqual([refusal.code, ...refusal.parameters], [0x0a, 0xffff_fff0, 0, 1, 0]);
});

test("a stopped machine can be left, and the next one starts sound", (t) => {
  booted(t);
  freeTwice();
  shutdown();
  boot();
  const list = makeList();
  ExFreeToLookasideListEx(list, ExAllocateFromLookasideListEx(list));
  assert.equal(queryLookaside(list).CurrentDepth, 1);
});

/** What another thread, attached before, is answered after this thread's bug check. */
async function answersElsewhere(): Promise<{ check: BugCheck; answers: Record<string, Answer> }> {
  const list = makeList();
  const [entry, parked] = [
    ExAllocateFromLookasideListEx(list),
    ExAllocateFromLookasideListEx(list),
  ];
  ExFreeToLookasideListEx(list, parked);
  const data = { ticket: ticket(), list, entry };
  const run = "callAfterwards";
  const { gates, outcomes } = startCrew<typeof callAfterwards>(tasks, { threads: 1, run, data });
  await gates.reached(ATTACHED);
  const check = freeTwice();
  gates.raise(CHECKED);
  const [outcome] = await outcomes;
  assert.ok(outcome?.kind === "returned", JSON.stringify(outcome));
  return { check, answers: outcome.result };
}

test("a checked machine refuses every call of every other thread too", async (t) => {
  booted(t, { checked: true });
  const { check, answers } = await answersElsewhere();
  const refused = [check.code, ...check.parameters];
  assert.deepEqual(answers, {
    pool: refused,
    hit: refused,
    miss: refused,
    free: refused,
    report: refused,
  });
});

test("an unchecked machine refuses other threads the pool, misses and reports", async (t) => {
  booted(t);
  const { check, answers } = await answersElsewhere();
  const refused = [check.code, ...check.parameters];
  const { pool, miss, report } = answers;
  assert.deepEqual({ pool, miss, report }, { pool: refused, miss: refused, report: refused });
});

test("a thread that attaches to a stopped machine is refused", (t) => {
  booted(t);
  const late = ticket();
  const { code } = freeTwice();
  shutdown();
  boot(late);
  assert.equal(caught(() => ExAllocatePoolWithTag(NonPagedPool, 16, TAG)).code, code);
});

for (const checked of [false, true]) {
  const mode = checked ? "checked" : "unchecked";

  test(`with bugChecks "continue" the ${mode} machine refuses the call alone`, async (t) => {
    booted(t, { checked, bugChecks: "continue" });
    const list = makeList();
    const entry = ExAllocateFromLookasideListEx(list);
    freeTwice();
    freeTwice();
    ExFreeToLookasideListEx(list, entry);
    assert.equal(ExAllocateFromLookasideListEx(list), entry);
    const { TotalAllocates, AllocateMisses, TotalFrees } = queryLookaside(list);
    assert.deepEqual([TotalAllocates, AllocateMisses, TotalFrees], [2, 1, 1]);
    const { answers } = await answersElsewhere();
    const served = Object.values(answers).filter((answer) => answer === "served");
    assert.equal(served.length, 5);
  });
}

test("how a machine takes bug checks is the same for every thread of it", (t) => {
  booted(t, { checked: true, bugChecks: "continue" });
  const own = ticket();
  shutdown();
  boot(own);
  assert.equal(freeTwice().code, 0xc4);
  assert.equal(freeTwice().code, 0xc4);
});

test("the options of bug checks are validated", (t) => {
  t.after(shutdown);
  for (const bugChecks of ["", "halt", 1, true] as unknown as "stop"[]) {
    assert.throws(() => boot({ bugChecks }), { code: "ERR_OPTION", message: /bugChecks/ });
  }
  assert.throws(() => boot({ checked: 1 as unknown as boolean }), { code: "ERR_OPTION" });
  for (const name of ["nonPagedPoolBytes", "pagedPoolBytes"]) {
    const message = new RegExp(`^Cannot use "1 KiB" as ${name}: .* from 65536 `);
    assert.throws(() => boot({ [name]: "1 KiB" }), { code: "ERR_OPTION", message });
  }
  assert.equal(isBooted(), false);
});

test("an option that nobody knows is refused, a ticket in the wrong place among them", () => {
  for (const options of [
    { bogus: 1 },
    { ticket: {}, block: 1 },
    { nonpagedPoolBytes: 65_536 },
    [],
  ]) {
    assert.throws(() => boot(options as never), { name: "LookasideError", code: "ERR_OPTION" });
  }
});
