/** Routines that a thread finds by the prefix of their name, and the annex of a name. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ROUTINE_NAME_BYTES_MAX } from "#src/base/index.js";
import { annexLocks, type Routine, Routines } from "#src/list/index.js";
import { createRegion, load, store } from "#src/memory/index.js";

function threads() {
  const region = createRegion(4, 8);
  return { region, here: new Routines(region, 1), there: new Routines(region, 2) };
}

const found: Routine = () => 1;

test("a routine that another thread named is found by its prefix, once", () => {
  const { here, there } = threads();
  const asked: string[] = [];
  here.provide("guest:a#", (rest) => {
    asked.push(rest);
    return found;
  });
  const handle = there.claim("guest:a#17");
  assert.equal(here.resolve(handle), found);
  assert.equal(here.resolve(handle), found);
  assert.deepEqual(asked, ["17"]);
});

test("a prefix answers for its own names only, and may not know one", () => {
  const { here, there } = threads();
  here.provide("guest:a#", (rest) => (rest === "1" ? found : undefined));
  for (const name of ["guest:a#2", "guest:ab#1", "guest:A#1", "guest:a"]) {
    assert.throws(() => here.resolve(there.claim(name)), { code: "ERR_ROUTINE_MISSING" }, name);
  }
});

test("what was registered by hand goes before what is found", () => {
  const { here } = threads();
  const own: Routine = () => 2;
  here.provide("guest:a#", () => found);
  assert.equal(here.resolve(here.register("guest:a#1", own)), own);
});

test("the end of a provision forgets its routines and no others", () => {
  const { here, there } = threads();
  const end = here.provide("guest:a#", () => found);
  const other = here.register("other", found);
  const handle = there.claim("guest:a#1");
  here.resolve(handle);
  end();
  assert.throws(() => here.resolve(handle), { code: "ERR_ROUTINE_MISSING" });
  assert.equal(here.resolve(other), found);
  here.provide("guest:a#", () => found);
  assert.equal(here.resolve(handle), found);
});

test("one prefix has one provider in a thread", () => {
  const { here, there } = threads();
  here.provide("guest:a#", () => found);
  assert.throws(() => here.provide("guest:a#", () => found), { code: "ERR_ROUTINE_NAME" });
  there.provide("guest:a#", () => found);
});

test("the annex of a name is zero at first, its own, and not a part of the longest name", () => {
  const { region, here, there } = threads();
  const longest = here.claim("x".repeat(ROUTINE_NAME_BYTES_MAX));
  const next = here.claim("y");
  const annex = here.annexOf(longest);
  assert.deepEqual([load(region.words, annex), load(region.words, annex + 1)], [0, 0]);
  store(region.words, annex, -1);
  store(region.words, annex + 1, -1);
  assert.equal(there.nameOf(longest), "x".repeat(ROUTINE_NAME_BYTES_MAX));
  assert.equal(there.nameOf(next), "y");
  assert.equal(there.claim("y"), next);
});

test("every name in use has an annex lock, and no other place is one", () => {
  const { region, here } = threads();
  assert.deepEqual(annexLocks(region), []);
  const handles = ["a", "b", "c"].map((name) => here.claim(name));
  assert.deepEqual(
    annexLocks(region),
    handles.map((handle) => here.annexOf(handle) + 1),
  );
});
