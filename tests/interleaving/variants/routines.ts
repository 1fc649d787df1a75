/**
 * Wrong variants of the table of routines.
 */
import type { Variant } from "./variant.js";

const table = "list/routine-table.ts";

/** In the order of the source. */
export const ROUTINE_VARIANTS: readonly Variant[] = [
  {
    name: "a name is claimed without the lock",
    patches: [
      { file: table, from: "acquireLock(words, HEADER.ROUTINE_LOCK, this.#thread);", to: "" },
    ],
    by: ["routines/id-nic/records=3,A=mortal"],
    problem: /a list names a record that was given up/,
  },
  {
    name: "a sweep frees what a linked list names",
    patches: [
      {
        file: table,
        from: "named.add(load(region.words, (list + FIELD.Allocate) >>> 2));",
        to: "",
      },
    ],
    by: ["routines/ic-idic/records=2"],
    problem: /a list names a record that was given up/,
  },
  {
    name: "a record that is used again has the serial it had",
    patches: [
      {
        file: table,
        from: "(serialOf(load(this.#region.words, word)) % SERIAL_MAX) + 1;",
        to: "1;",
      },
    ],
    by: ["routines/id-idio/records=2"],
    problem: /a thread has a function for another thread's routine/,
  },
  {
    name: "a name is read without a second look at the state",
    patches: [
      {
        file: table,
        from: "return this.#stateOf(handle) === state ? textOfUtf8(copy) : null;",
        to: "return textOfUtf8(copy);",
      },
    ],
    by: ["routines/idi-id-o/records=2,preemptions=2"],
    problem: /did not match the regular expression/,
  },
  {
    name: "the lock of the names that a dead thread held is not released",
    patches: [
      {
        file: "recovery/locks.ts",
        from: "if (takeOver(region, HEADER.ROUTINE_LOCK, dead, recoverer)) {",
        to: "if (false) {",
      },
    ],
    by: ["routines/id-nic/records=3,A=mortal"],
    problem: /Cannot take a lock/,
  },
];
