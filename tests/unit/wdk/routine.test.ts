/** Routines: one handle for a name in every thread, a function in each, and exact errors where one lacks. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  type ALLOCATE_FUNCTION,
  type ALLOCATE_FUNCTION_EX,
  boot,
  ExAllocateFromLookasideListEx,
  ExAllocateFromNPagedLookasideList,
  ExAllocatePoolWithTag,
  ExFreePool,
  ExInitializeLookasideListEx,
  ExInitializeNPagedLookasideList,
  type FREE_FUNCTION,
  type FREE_FUNCTION_EX,
  NonPagedPool,
  NULL,
  queryLookaside,
  routine,
  SIZEOF_LOOKASIDE_LIST_EX,
  setLookasideDepth,
  shutdown,
  tag,
  ticket,
} from "lookaside/wdk";
import { crew } from "../../support/crew.js";
import type { prepared, unprepared } from "./routine.tasks.js";

const TAG = tag("Rout");
const tasks = new URL("./routine.tasks.js", import.meta.url);

/** A machine for one test, and storage for a descriptor in it. */
function booted(t: TestContext): number {
  boot({ depth: { periodMs: 0 } }); // the depths that a test sets must not be tuned meanwhile
  t.after(shutdown);
  return ExAllocatePoolWithTag(NonPagedPool, SIZEOF_LOOKASIDE_LIST_EX, TAG);
}

function initialize(list: number, allocate: unknown, free: unknown): void {
  ExInitializeLookasideListEx(list, allocate as 0, free as 0, NonPagedPool, 0, 64, TAG, 0);
}

const forward = (type: number, bytes: number, Tag: number): number =>
  ExAllocatePoolWithTag(type, bytes, Tag);

test("a thread that lacks a named routine is told its name and the thread", async (t) => {
  const list = booted(t);
  initialize(list, routine("FetchEntry", forward), routine("DropEntry", ExFreePool));
  const entry = ExAllocateFromLookasideListEx(list);
  setLookasideDepth(list, 0); // so that the free overflows
  const data = { ticket: ticket(), list, entry };
  const [ending] = await crew<typeof unprepared>(tasks, { threads: 1, run: "unprepared", data });
  const message = (name: string): string =>
    `Cannot call routine "${name}": thread 2 has not registered it`;
  assert.deepEqual(ending?.allocate, {
    code: "ERR_ROUTINE_MISSING",
    message: message("FetchEntry"),
  });
  assert.deepEqual(ending?.free, { code: "ERR_ROUTINE_MISSING", message: message("DropEntry") });
});

test("a function given without a name is named by itself and its thread", async (t) => {
  const list = booted(t);
  initialize(list, forward, ExFreePool);
  const entry = ExAllocateFromLookasideListEx(list);
  setLookasideDepth(list, 0);
  const data = { ticket: ticket(), list, entry };
  const [ending] = await crew<typeof unprepared>(tasks, { threads: 1, run: "unprepared", data });
  assert.match(
    JSON.stringify(ending?.allocate),
    /forward \(unnamed 1 of thread 1\).*thread 2 has not/,
  );
  assert.match(
    JSON.stringify(ending?.free),
    /ExFreePool \(unnamed 2 of thread 1\).*thread 2 has not/,
  );
});

test("calls that lacked a routine are counted, and the list stays whole", async (t) => {
  const list = booted(t);
  initialize(list, routine("FetchEntry", forward), routine("DropEntry", ExFreePool));
  const entry = ExAllocateFromLookasideListEx(list);
  setLookasideDepth(list, 0);
  const data = { ticket: ticket(), list, entry };
  await crew<typeof unprepared>(tasks, { threads: 1, run: "unprepared", data });
  const { TotalAllocates, AllocateMisses, TotalFrees, FreeMisses, CurrentDepth } =
    queryLookaside(list);
  assert.deepEqual([TotalAllocates, AllocateMisses, TotalFrees, FreeMisses], [2, 2, 1, 1]);
  assert.equal(CurrentDepth, 0);
  const [gaveNothing, keptByCaller] = [1, 1]; // N and U of decision 009
  const outstanding = TotalAllocates - TotalFrees - gaveNothing + keptByCaller;
  assert.equal(outstanding, 1); // `entry`
  assert.notEqual(ExAllocateFromLookasideListEx(list), NULL);
});

test("a name has one handle in every thread, and each thread calls its own function", async (t) => {
  const list = booted(t);
  const [mine, theirs] = [0x10, 0x20].map((bytes) =>
    ExAllocatePoolWithTag(NonPagedPool, bytes, TAG),
  );
  const handle = routine("Shared", () => mine as number);
  initialize(list, handle, NULL);
  const data = { ticket: ticket(), list, entry: theirs as number };
  const [worker] = await crew<typeof prepared>(tasks, { threads: 1, run: "prepared", data });
  assert.deepEqual(worker, { handle, given: theirs });
  assert.equal(ExAllocateFromLookasideListEx(list), mine);
});

test("to register a name again replaces this thread's function and keeps the handle", (t) => {
  const list = booted(t);
  const first = routine("Twice", () => 0x40);
  initialize(list, first, NULL);
  assert.equal(ExAllocateFromLookasideListEx(list), 0x40);
  assert.equal(
    routine("Twice", () => 0x50),
    first,
  );
  assert.equal(ExAllocateFromLookasideListEx(list), 0x50);
});

test("names that differ have handles that differ", (t) => {
  booted(t);
  const names = ["a", "b", "aa", "ab", "Fetch entry", "häppchen", "x".repeat(116)];
  const handles = new Set(names.map((name) => routine(name, forward)));
  assert.equal(handles.size, names.length);
  for (const handle of handles) assert.ok(Number.isInteger(handle) && handle > 0);
});

test("every documented callback fits, and a function written in place is typed", (t) => {
  booted(t); // that these lines compile is what is shown
  const legacy: ALLOCATE_FUNCTION = forward;
  const unified: ALLOCATE_FUNCTION_EX = (type, bytes, Tag, _Lookaside) => forward(type, bytes, Tag);
  const free: FREE_FUNCTION = ExFreePool;
  const freeUnified: FREE_FUNCTION_EX = (buffer, _Lookaside) => ExFreePool(buffer);
  const documented = [legacy, unified, free, freeUnified].map((one, at) =>
    routine(`one ${at}`, one),
  );
  const inPlace = routine("in place", (type, bytes, Tag) =>
    ExAllocatePoolWithTag(type, bytes, Tag),
  );
  assert.equal(new Set([...documented, inPlace]).size, 5);
  // @ts-expect-error A routine takes numbers.
  assert.ok(routine("of texts", (text: string) => text.length) > 0);
});

test("the same function given twice is one routine", (t) => {
  const list = booted(t);
  const other = ExAllocatePoolWithTag(NonPagedPool, SIZEOF_LOOKASIDE_LIST_EX, TAG);
  initialize(list, forward, ExFreePool);
  initialize(other, forward, ExFreePool);
  assert.equal(queryLookaside(list).Allocate, queryLookaside(other).Allocate);
  assert.equal(queryLookaside(list).Free, queryLookaside(other).Free);
  assert.notEqual(queryLookaside(list).Allocate, queryLookaside(list).Free);
});

test("NULL may be written as 0, null or left undefined", (t) => {
  const list = booted(t);
  for (const none of [0, null, undefined]) {
    initialize(list, none, none);
    assert.equal(queryLookaside(list).Allocate, routine("ExAllocatePoolWithTag", forward));
    assert.equal(queryLookaside(list).Free, routine("ExFreePool", ExFreePool));
  }
});

test("what is neither NULL nor a function nor a handle is refused, and nothing is initialized", (t) => {
  const list = booted(t);
  const handle = routine("Real", forward);
  const wrong = [1, -1, 0.5, Number.NaN, handle + 4, handle + 128, list, 2 ** 40, "Real", {}, true];
  for (const value of wrong) {
    for (const [name, call] of [
      ["Allocate", () => initialize(list, value, NULL)],
      ["Free", () => initialize(list, NULL, value)],
      [
        "Allocate",
        () => ExInitializeNPagedLookasideList(list, value as number, NULL, 0, 64, TAG, 0),
      ],
    ] as const) {
      assert.throws(call, {
        name: "LookasideError",
        code: "ERR_ARGUMENT",
        message: RegExp(` as ${name}: `),
      });
    }
  }
  assert.equal(queryLookaside(list).Family, "None");
});

test("a name is a text of 1 to 116 bytes", (t) => {
  booted(t);
  const wrong: readonly unknown[] = ["", 7, null, undefined, "x".repeat(117), "é".repeat(59)];
  for (const name of wrong) {
    assert.throws(() => routine(name as string, forward), { code: "ERR_ROUTINE_NAME" });
  }
  assert.ok(routine("é".repeat(58), forward) > 0);
});

test("what is registered must be a function", (t) => {
  booted(t);
  for (const value of [undefined, null, 0, "f", {}]) {
    assert.throws(() => routine("Name", value as never), {
      code: "ERR_ARGUMENT",
      message: /"Name"/,
    });
  }
});

test("when all names are taken a new one is refused and the known ones still work", (t) => {
  booted(t);
  const handles = new Set<number>();
  const fill = (): void => {
    for (let index = 0; index <= 1_024; index++) handles.add(routine(`name ${index}`, forward));
  };
  assert.throws(fill, { code: "ERR_ROUTINES_FULL" });
  assert.equal(handles.size, 1_024 - 3); // the three default routines have names as well
  assert.ok(handles.has(routine("name 7", forward)));
});

test("an allocate routine that gives back nothing gives NULL", (t) => {
  const list = booted(t);
  ExInitializeNPagedLookasideList(list, (() => undefined) as never, NULL, 0, 64, TAG, 0);
  assert.equal(ExAllocateFromNPagedLookasideList(list), NULL);
});
