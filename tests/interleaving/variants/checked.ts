/**
 * Wrong variants of checked mode, of the second set of lists, and of how a bug check stops the machine.
 */
import type { Variant } from "./variant.js";

const checked = "wdk/checked-lookaside.ts";
const end = "wdk/lookaside-end.ts";
const lookaside = "wdk/lookaside.ts";
const machine = "wdk/machine.ts";

/** In the order of the source. */
export const CHECKED_VARIANTS: readonly Variant[] = [
  {
    name: "only the set of nonpaged lists is mended",
    patches: [
      {
        file: "list/list-set.ts",
        from:
          "for (const kind of [0, 1]) { const head = headByte(kind); const entries = " +
          "listsOf(region, kind)",
        to:
          "for (const kind of [0]) { const head = headByte(kind); const entries = " +
          "listsOf(region, kind)",
      },
    ],
    by: ["documented-routines/iAP:d-:w/paged,A=mortal"],
    needsDeath: true,
    problem: /a deleted list is in a set/,
  },
  {
    name: "a list is looked for before the lock under which it is made",
    patches: [
      {
        file: lookaside,
        from: "withListSets(region, thread, () => { if (here.checked) checkInitialize(here, list);",
        to: "if (here.checked) checkInitialize(here, list); withListSets(region, thread, () => {",
      },
    ],
    by: ["checked-misuse/I-I"],
    problem: /comes of no order of them: I:ok, I:ok/,
  },
  {
    name: "a checked free looks and parks without the lock",
    patches: [
      {
        file: lookaside,
        from: "const isParked = withListSets(region, thread, () => {",
        to: "const isParked = ((free) => free())(() => {",
      },
    ],
    by: ["checked-misuse/f-f/parked=1,depth=1"],
    problem: /a race of two threads|comes of no order of them/,
  },
  {
    name: "a checked take looks without the lock",
    patches: [
      {
        file: checked,
        from:
          "return withListSets(region, thread, () => { " +
          "checkInitialized(here, routine, family, list); const first",
        to: "return ((take) => take())(() => { checkInitialized(here, routine, family, list); const first",
      },
    ],
    by: ["documented-routines/a:fa-a:fa/checked"],
    problem: /a race of two threads|bug check/,
  },
  {
    name: "an entry says that it is parked after it is on its list",
    patches: [
      {
        file: checked,
        from: "isParkedNow = guardedPark(here, routine, list, entry);",
        to:
          "compareExchange(region.words, shadow, parked, seen);\n" +
          "isParkedNow = guardedPark(here, routine, list, entry);\n" +
          "compareExchange(region.words, shadow, seen, parked);",
      },
    ],
    by: ["documented-routines/iA:Pd-:a/checked,preemptions=0,A=mortal"],
    needsDeath: true,
    problem: /a parked entry's state says it is held/,
  },
  {
    name: "a block is freed without the lock under which lists are looked for in it",
    patches: [
      {
        file: "wdk/checked-pool.ts",
        from: "return withListSets(region, thread, () => { const block = pool.inspect(address);",
        to: "return ((free) => free())(() => { const block = pool.inspect(address);",
      },
    ],
    by: ["checked-misuse/I-x"],
    problem: /a race of two threads|comes of no order of them/,
  },
  {
    name: "checked mode flushes while others look at the first entry",
    patches: [
      {
        file: end,
        from:
          "return withListSets(region, thread, () => { " +
          "checkInitialized(here, routine, family, list); return flushed(here, routine, list);",
        to:
          "return ((flush) => flush())(() => { " +
          "checkInitialized(here, routine, family, list); return flushed(here, routine, list);",
      },
    ],
    by: ["documented-routines/:a-aaff:F/checked"],
    problem: /was written while parked|a race of two threads/,
  },
  {
    name: "a delete looks only once whether its list is in use",
    patches: [
      {
        file: end,
        from: "if (here.listsDeleted === deletedBefore) checkDelete(here, routine, family, list);",
        to: "",
      },
    ],
    by: ["checked-misuse/d-d"],
    problem: /comes of no order of them: d:ok, d:ok/,
  },
  {
    name: "a delete forgets what was freed to its list meanwhile",
    patches: [
      {
        file: end,
        from: "if (drained === null && region.interlocked.first(list) !== 0)",
        to: "if (false)",
      },
    ],
    by: ["checked-misuse/d-f/parked=1"],
    problem: /an entry is parked in no list/,
  },
  {
    name: "the machine is said to have stopped before the code is there",
    patches: [
      {
        file: machine,
        from: "store(words, HEADER.STOP_CODE, code);",
        to: "store(words, HEADER.STATE, STOPPED); store(words, HEADER.STOP_CODE, code);",
      },
    ],
    by: ["checked-misuse/f-x-fx/stops,preemptions=1", "checked-misuse/fa-fa/stops"],
    problem: /is none of those that may come/,
  },
  {
    name: "whoever comes second stops the machine again",
    patches: [
      {
        file: machine,
        from: "if (!goesOn && compareExchange(words, HEADER.STATE, 0, STOPPING) === 0) {",
        to: "if (!goesOn) {",
      },
    ],
    by: ["checked-misuse/fxa-xfa/stops"],
    problem: /a stop is not of one bug check/,
  },
  {
    name: "who comes to a bug check while another stops the machine goes on",
    patches: [{ file: machine, from: "current.lastCheck = check;", to: ";" }],
    by: ["checked-misuse/fxa-xfa/stops"],
    problem: /comes of no order of them/,
  },
];
