/**
 * The order in which ExAllocateFromLookasideListEx gives entries back. The page calls it what the
 * current implementation does, and so do these tests: they describe this implementation, not the
 * contract, and stand alone so that the order could change without touching the contract's tests.
 */
import assert from "node:assert/strict";
import {
  ExAllocateFromLookasideListEx,
  ExDeleteLookasideListEx,
  ExFreeToLookasideListEx,
  NonPagedPool,
  PagedPool,
  setLookasideDepth,
  ticket,
} from "lookaside/wdk";
import { scanTests } from "../../tools/conformance/scan.js";
import { crew } from "../support/crew.js";
import { repositoryRoot } from "../support/repository.js";
import { seeded } from "../support/seed.js";
import type { freeInTurn } from "./aex-allocate-lifo.tasks.js";
import { countOf, exList, freshMachine, snapshot, times } from "./bench.js";
import { clause } from "./clause.js";

const random = seeded(import.meta.url);

clause("AEX-14", "implementation behaviour: last in, first out", (t) => {
  freshMachine(t);
  for (const poolType of [NonPagedPool, PagedPool]) {
    const list = exList({ poolType });
    const [a, b, c] = times(3, () => ExAllocateFromLookasideListEx(list)) as [
      number,
      number,
      number,
    ];
    for (const entry of [a, b, c]) ExFreeToLookasideListEx(list, entry);
    assert.deepEqual(
      times(3, () => ExAllocateFromLookasideListEx(list)),
      [c, b, a],
    );
  }
});

clause("AEX-14", "implementation behaviour: last in, first out over all threads", async (t) => {
  freshMachine(t);
  const list = exList();
  setLookasideDepth(list, 12);
  const entries = times(12, () => ExAllocateFromLookasideListEx(list));
  const tasks = new URL("./aex-allocate-lifo.tasks.js", import.meta.url);
  await crew<typeof freeInTurn>(tasks, {
    threads: 3,
    run: "freeInTurn",
    data: { ticket: ticket(), list, entries },
  });
  assert.deepEqual(
    times(12, () => ExAllocateFromLookasideListEx(list)),
    entries.toReversed(),
  );
});

clause("AEX-15", "implementation behaviour: the entry freed last is the next one given", (t) => {
  freshMachine(t);
  for (let history = 0; history < 300; history++) showAfterRandomHistory();
});

/** Any calls at all, and then a free with room and an allocate. */
function showAfterRandomHistory(): void {
  const list = exList({ poolType: random.pick([NonPagedPool, PagedPool]) });
  const held: number[] = [];
  const free = (entry: number): void => {
    held.splice(held.indexOf(entry), 1);
    ExFreeToLookasideListEx(list, entry);
  };
  for (let call = random.int(120); call > 0; call--) {
    if (held.length === 0 || random.int(2) === 0) held.push(ExAllocateFromLookasideListEx(list));
    else free(random.pick(held));
    if (random.int(20) === 0) setLookasideDepth(list, 4 + random.int(20));
  }
  held.push(ExAllocateFromLookasideListEx(list)); // so that there is one to free
  if (countOf(list) >= snapshot(list).Depth) setLookasideDepth(list, countOf(list) + 1);
  const last = random.pick(held);
  free(last);
  assert.equal(ExAllocateFromLookasideListEx(list), last);
  for (const entry of [...held, last]) ExFreeToLookasideListEx(list, entry);
  ExDeleteLookasideListEx(list);
}

clause("AEX-16", "no test of the contract is titled by the order, so that it may change", () => {
  const { tests } = scanTests(new URL("tests/conformance/", repositoryRoot));
  const order = new Set(["AEX-14", "AEX-15", "AEX-16"]);
  const mine = "aex-allocate-lifo.test.ts";
  for (const { file, ids, title } of tests) {
    const aboutOrder = ids.filter((id) => order.has(id));
    assert.deepEqual(aboutOrder, file === mine ? ids : [], `${file}: ${title}`);
    if (ids.includes("AEX-14") || ids.includes("AEX-15"))
      assert.match(title, /^implementation behaviour: /);
  }
});
