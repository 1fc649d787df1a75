/** Routines: a name in shared memory, a function in each thread. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ROUTINE_NAME_BYTES_MAX, ROUTINES_MAX } from "#src/base/index.js";
import { type Routine, Routines } from "#src/list/index.js";
import { createRegion, type Region } from "#src/memory/index.js";

const one: Routine = () => 1;
const two: Routine = () => 2;

function threads(): { region: Region; here: Routines; there: Routines } {
  const region = createRegion(4, 8);
  return { region, here: new Routines(region, 1), there: new Routines(region, 2) };
}

test("a name has one handle in every thread, and a function of each thread's own", () => {
  const { here, there } = threads();
  const handle = here.register("Fetch", one);
  assert.equal(there.register("Fetch", two), handle);
  assert.equal(here.resolve(handle), one);
  assert.equal(there.resolve(handle), two);
  assert.equal(here.nameOf(handle), "Fetch");
});

test("names are told apart by every byte, and may be of any script up to their limit", () => {
  const { here, there } = threads();
  const long = "x".repeat(ROUTINE_NAME_BYTES_MAX);
  const names = ["a", "ab", "abc", "abcd", "abce", "abcde", "ä", "名前", `${long.slice(1)}y`, long];
  const handles = names.map((name) => here.register(name, one));
  assert.equal(new Set(handles).size, names.length);
  assert.deepEqual(
    handles.map((handle) => there.nameOf(handle)),
    names,
  );
  assert.deepEqual(
    names.map((name) => there.claim(name)),
    handles,
  );
});

test("a thread that has not registered a routine is told which, and that it is the one", () => {
  const { here, there } = threads();
  const handle = here.register("Fetch", one);
  const message = 'Cannot call routine "Fetch": thread 2 has not registered it';
  assert.throws(() => there.resolve(handle), { code: "ERR_ROUTINE_MISSING", message });
});

test("what is no handle is refused, wherever it points", () => {
  const { region, here } = threads();
  const handle = here.register("Fetch", one);
  const { routinesByte, routineBytes } = region.layout;
  const end = routinesByte + ROUTINES_MAX * routineBytes;
  for (const value of [
    0,
    4,
    handle + 4,
    handle + routineBytes,
    routinesByte - routineBytes,
    end,
    1.5,
    -128,
  ]) {
    assert.equal(here.isHandle(value), false, `${value}`);
    assert.throws(() => here.resolve(value), { code: "ERR_ROUTINE_MISSING" });
  }
  assert.equal(here.isHandle(handle), true);
});

test("names that are none and functions that are none are refused", () => {
  const { here } = threads();
  for (const name of ["", "é".repeat(59), "\ud800", 5, null, undefined] as string[]) {
    assert.throws(() => here.register(name, one), { code: "ERR_ROUTINE_NAME" });
  }
  for (const value of [undefined, null, 5, {}, "one"] as unknown as Routine[]) {
    assert.throws(() => here.register("Fetch", value), { code: "ERR_ARGUMENT" });
  }
});

test("a function without a name is adopted once, and not by another thread's handle", () => {
  const { here, there } = threads();
  const handle = here.adopt(one);
  assert.equal(here.adopt(one), handle);
  assert.notEqual(here.adopt(two), handle);
  assert.notEqual(there.adopt(one), handle);
  assert.throws(() => there.resolve(handle), {
    code: "ERR_ROUTINE_MISSING",
    message: /"one \(unnamed 1/,
  });
});

test("a later user of a thread's number does not answer for its unnamed functions", () => {
  const { region, here } = threads();
  const handle = here.adopt(one);
  const later = new Routines(region, 1, 1);
  assert.notEqual(later.adopt(one), handle);
  assert.throws(() => later.resolve(handle), { code: "ERR_ROUTINE_MISSING" });
});

test("a function whose name is long or strange is adopted all the same", () => {
  const { here } = threads();
  for (const name of ["n".repeat(500), "naïve\u0000\u{1f600}", ""]) {
    const strange = Object.defineProperty(() => 3, "name", { value: name }) as Routine;
    assert.equal(here.resolve(here.adopt(strange)), strange);
  }
});

test("a full table is an error, and the names in it stay good", () => {
  const { here, there } = threads();
  const handles = Array.from({ length: ROUTINES_MAX }, (_, index) =>
    here.register(`r${index}`, one),
  );
  assert.equal(new Set(handles).size, ROUTINES_MAX);
  assert.throws(() => here.register("one more", one), { code: "ERR_ROUTINES_FULL" });
  assert.equal(there.register("r1023", two), handles[1_023]);
});
