/**
 * Wrong variants of locks and of recovery.
 */
import type { Variant } from "./variant.js";

const recover = "recovery/recover.ts";
const deaths = [
  "block-list/aa:ff-:a/depth=2,batch=1,A=mortal",
  "block-list/aaa:ffa-:a/depth=4,batch=1,A=mortal",
];
const recovererDies = ["block-list/aaaa:ffff/depth=4,batch=1,AR=mortal"];

/** In the order of what they are about. */
export const RECOVERY_VARIANTS: readonly Variant[] = [
  {
    name: "a lock is taken by a load and a store",
    patches: [
      {
        file: "memory/owner-lock.ts",
        from:
          "if (compareExchange(words, lock, 0, owner) === 0)\n            return;\n    }\n " +
          "   acquireSlowly",
        to:
          "if (compareExchange(words, lock, 0, 0) === 0) {\n" +
          "            store(words, lock, owner); return; }\n    }\n    acquireSlowly",
      },
      {
        file: "memory/owner-lock.ts",
        from: "import { and, compare",
        to: "import { and, store, compare",
      },
    ],
    by: ["pool/:rf-:rf/chunks=1", "block-list/:af-:af/depth=2,batch=1"],
    problem: /a race of two threads at header chunks used/,
  },
  {
    name: "a dead holder's lock is not taken over",
    patches: [
      {
        file: "recovery/locks.ts",
        from: "if ((seen & OWNER_MASK) !== dead)",
        to: "if ((seen & OWNER_MASK) !== -1)",
      },
    ],
    by: ["block-list/:a-a:/depth=0,batch=1,A=mortal", ...recovererDies],
    problem: /Cannot take a lock/,
  },
  {
    name: "a dead recoverer's locks are released after what it had claimed is finished",
    patches: [
      {
        file: recover,
        from: "const locks = releaseLocksOf(region, pool, dead.thread);\n    const troubles",
        to: "const locks = [];\n    const troubles",
      },
    ],
    by: recovererDies,
    problem: /Cannot take a lock/,
  },
  {
    name: "what a dead recoverer had claimed is not finished",
    patches: [
      {
        file: recover,
        from: "inheritAll(region, dead.thread, pool.thread)",
        to: "[]",
      },
    ],
    by: recovererDies,
    problem: /the audit found problems/,
  },
  {
    name: "claimed slots are not rebuilt",
    patches: [
      {
        file: recover,
        from: "rebuildSlot(this.place, slot, states);",
        to: "void rebuildSlot;",
      },
    ],
    by: [...deaths, ...recovererDies],
    problem: /the audit found problems/,
  },
  {
    name: "recovery trusts the counters of the ring instead of the states",
    patches: [
      {
        file: recover,
        from: "settleCounters(this.place, this.#thread, this.parked.length);",
        to:
          "const counted = Math.max(0, countedInRing(this.place, this.#thread));\n" +
          "        if (counted < this.parked.length) this.parked.length = counted;\n" +
          "        settleCounters(this.place, this.#thread, counted);",
      },
      {
        file: recover,
        from: "claimedSlots, count, countObtained,",
        to: "claimedSlots, count, countedInRing, countObtained,",
      },
    ],
    by: ["block-list/:a-a:/depth=0,batch=1,A=mortal", ...deaths],
    needsDeath: true,
    problem: /the audit found problems/,
  },
  {
    name: "a block on its way from the pool looks like a user's",
    patches: [
      {
        file: "pool/complete-pool.ts",
        from: "this.#allocateAs(stateWord(CACHED, this.thread, 0),",
        to: "this.#allocateAs(stateWord(HELD, this.thread, 0),",
      },
    ],
    by: ["block-list/:a-a:/depth=0,batch=1,A=mortal"],
    problem: /blocks held by nobody, or lost by their holder/,
  },
  {
    name: "a record that is being made is its maker's",
    patches: [
      {
        file: "pool/complete-pool.ts",
        from: "this.#allocateAs(stateWord(HELD, 0, 0),",
        to: "this.#allocateAs(stateWord(HELD, this.thread, 0),",
      },
    ],
    by: ["block-list/:o-:o/depth=2,batch=1,preemptions=0,A=mortal"],
    problem: /blocks held by nobody, or lost by their holder/,
  },
  {
    name: "a recoverer frees a block in its own name",
    patches: [
      {
        file: recover,
        from: "const mine = stateWord(CACHED, pool.thread,",
        to: "const mine = stateWord(HELD, pool.thread,",
      },
      {
        file: recover,
        from: "pool.freeForList(addressAt(region, state))",
        to: "pool.free(addressAt(region, state), -1)",
      },
    ],
    by: recovererDies,
    problem: /blocks held by nobody, or lost by their holder/,
  },
  {
    name: "an orphan is taken from whoever has adopted it",
    patches: [
      {
        file: recover,
        from: "if (compareExchange(words, state, seen, cached) !== seen) return; // adopted",
        to: "poke(words, state, cached); // adopted",
      },
    ],
    by: ["block-list/a:sf-:da/depth=2,batch=1,A=mortal"],
    problem: /a race of two threads at block \d+\.\d+ state/,
  },
  {
    name: "the chunk of an adopted block is not claimed",
    patches: [
      { file: "list/block-list/block-list.ts", from: "this.pool.claims.note(state);", to: "" },
    ],
    by: ["block-list/a:s-:df/depth=2,batch=1,B=mortal"],
    problem: /the audit found problems/,
  },
  {
    name: "the chunks of blocks from the depot are not claimed",
    patches: [{ file: "list/block-list/depot.ts", from: "this.#claims.note(state);", to: "" }],
    by: ["block-list/aaaaffff:-:a/depth=4,batch=1,B=mortal"],
    problem: /the audit found problems/,
  },
  {
    name: "who was obtaining a block is looked for in what it had claimed only",
    patches: [{ file: recover, from: "|| wasObtaining(place, dead.thread)", to: "" }],
    by: ["block-list/:a-a:/depth=0,batch=1,A=mortal"],
    problem: /the audit found problems/,
  },
  {
    name: "a recoverer does not claim the chunk of a block that it takes over",
    patches: [{ file: recover, from: "pool.claims.note(state);", to: "" }],
    by: recovererDies,
    problem: /the audit found problems/,
  },
  {
    name: "a deleted list stays when the last one to leave it died",
    patches: [{ file: "recovery/locks.ts", from: "forgetDesertedRecords(region, pool);", to: "" }],
    by: ["block-list/:x-:x/depth=2,batch=1,A=mortal"],
    problem: /a deleted list is still there/,
    needsDeath: true,
  },
  {
    name: "the depot of a deleted list is not emptied for a dead thread",
    patches: [
      {
        file: "list/block-list/repair.ts",
        from: "if (load(words, place.at + RECORD.STATUS) !== DELETED) return; for",
        to: "return; for",
      },
    ],
    by: ["block-list/aaaafff:f-a:fx/depth=4,batch=1,preemptions=2,A=mortal"],
    problem: /AU-4: |blocks are in use when everybody is gone/,
    needsDeath: true,
  },
];
