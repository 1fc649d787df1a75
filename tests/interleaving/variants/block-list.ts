/**
 * Wrong variants of block lists: ring, depot, credits, handles.
 */
import type { Variant } from "./variant.js";

const depot = "list/block-list/depot.ts";
const credits = "list/block-list/credits.ts";
const list = "list/block-list/block-list.ts";

const spills = [
  "block-list/aaaa:ffff-a:faa/depth=4,batch=1",
  "block-list/aa:ff-a:f-a:f/depth=2,batch=1",
];
const deaths = ["block-list/aaaa:ffff/depth=4,batch=1,AR=mortal"];
const handOver = [
  "block-list/a:sf-:da/depth=2,batch=1",
  "block-list/a:ss-:d/depth=2,batch=1",
  "block-list/a:sf-:da/depth=2,batch=1,A=mortal",
];

const OPENED = "partOf(opened, pool.thread) + PART.OPEN";
const UNLOCK = "releaseLock(region.words, HEADER.SET_LOCK);";

/** In the order of the source. */
export const BLOCK_LIST_VARIANTS: readonly Variant[] = [
  {
    name: "a slot is published before its blocks name it",
    patches: [
      {
        file: depot,
        from: "for (let at = 0; at < count; at++) {\n                const state = blocks[from + at];",
        to:
          "store(this.#words, header, slotHeader(FULL, count));\n" +
          "            for (let at = 0; at < count; at++) {\n" +
          "                const state = blocks[from + at];",
      },
      {
        file: depot,
        from: "store(this.#words, header, slotHeader(FULL, count)); // anyone may take them from here on",
        to: "",
      },
    ],
    by: [...spills, ...deaths],
    problem: /a race of two threads at slot \d+|the audit found problems/,
  },
  {
    name: "a slot to fill is claimed by a store",
    patches: [
      {
        file: depot,
        from: "if (compareExchange(this.#words, header, EMPTY, claim) !== EMPTY) return false;",
        to: "store(this.#words, header, claim);",
      },
    ],
    by: ["block-list/aaaff:f-aaaff:f/depth=6,batch=1"],
    problem: /a race of two threads at slot \d+/,
  },
  {
    name: "a slot to drain is claimed by a store",
    patches: [
      {
        file: depot,
        from: "if (compareExchange(this.#words, header, seen, claim) !== seen) return 0; const",
        to: "store(this.#words, header, claim); const",
      },
    ],
    by: ["block-list/aaaaffffaa:a-:a/depth=4,batch=1"],
    problem: /a race of two threads at block \d+\.\d+ state/,
  },
  {
    name: "a drained slot is given up before its blocks are taken",
    patches: [
      {
        file: depot,
        from: "!== seen) return 0; const count = operandOf(seen);",
        to: "!== seen) return 0; const count = operandOf(seen); store(this.#words, header, EMPTY);",
      },
      {
        file: depot,
        from: "store(this.#words, header, EMPTY); // the slot is free for anyone",
        to: "",
      },
    ],
    by: ["block-list/aaaaffffaa:a-:a/depth=4,batch=1,A=mortal"],
    problem: /the audit found problems/,
  },
  {
    name: "a slot that sinks is not claimed",
    patches: [
      {
        file: depot,
        from: "if (statusOf(seen) !== FULL || compareExchange(words, upper, seen, drain) !== seen) {",
        to: "if (statusOf(seen) !== FULL) {",
      },
    ],
    by: ["block-list/aaaaffffvkaaafffv:k-:a/depth=4,batch=1,tunes"],
    problem: /the audit found problems/,
  },
  {
    name: "a block that sinks keeps the number of its old slot",
    patches: [
      { file: depot, from: "poke(this.#states, state, stateWord(DEPOT, to, generation));", to: "" },
    ],
    by: ["block-list/aaaaffffvkaaafffv:k-:a/depth=4,batch=1,tunes"],
    problem: /the audit found problems/,
  },
  {
    name: "credits are taken by a store",
    patches: [
      {
        file: credits,
        from: "const seen = compareExchange(place.words, word, left, left - taken);",
        to: "compareExchange(place.words, word, load(place.words, word), left - taken); const seen = left;",
      },
    ],
    by: [...spills, "block-list/aa:ff-aa:ff/depth=2,batch=1"],
    problem: /AU-4: /,
  },
  {
    name: "who leaves returns its credits before it gives up its limit",
    patches: [
      {
        file: "list/block-list/ring.ts",
        from: "this.#setLimit(0); // first: whoever dies in between loses credits, and returns none twice",
        to: "",
      },
      {
        file: "list/block-list/ring.ts",
        from: "returnCredits(this.#place, limit); return released;",
        to: "returnCredits(this.#place, limit); this.#setLimit(0); return released;",
      },
    ],
    by: ["block-list/af:x-a:f/depth=2,batch=1,A=mortal"],
    problem: /AU-4: /,
  },
  {
    name: "credits are returned twice",
    patches: [
      {
        file: credits,
        from: "add(place.words, place.at + RECORD.CREDITS, count);",
        to: "add(place.words, place.at + RECORD.CREDITS, 2 * count);",
      },
    ],
    by: [...deaths, ...spills],
    problem: /AU-4: |the audit found problems/,
  },
  {
    name: "the generation of a handle is not looked at",
    patches: [
      {
        file: list,
        from: "if (kindOf(seen) !== SHOWN || generationOf(seen) !== generationOfHandle(handle))",
        to: "if (kindOf(seen) !== SHOWN)",
      },
    ],
    by: ["block-list/a:sfas-:dd/depth=2,batch=1"],
    problem: /a race of two threads at block \d+\.\d+ state/,
  },
  {
    name: "adopt stores the state instead of comparing it",
    patches: [
      {
        file: list,
        from: "if (compareExchange(this.words, state, seen, held) !== seen) continue;",
        to: "poke(this.words, state, held);",
      },
    ],
    by: handOver,
    problem: /a race of two threads at block \d+\.\d+ state/,
  },
  {
    name: "adopt gives up a block whose holder ends at this moment",
    patches: [
      {
        file: list,
        from: "if (compareExchange(this.words, state, seen, held) !== seen) continue;",
        to: "if (compareExchange(this.words, state, seen, held) !== seen) refuseStale(this, handle, 0);",
      },
    ],
    by: ["block-list/a:>-:</depth=2,batch=1,A=mortal"],
    problem: /a block is nobody's and was not sent/,
  },
  {
    name: "a shown block is freed by a store",
    patches: [
      {
        file: list,
        from: "return compareExchange(this.words, state, seen, cached) === seen;",
        to: "poke(this.words, state, cached); return true;",
      },
    ],
    by: handOver,
    problem: /a race of two threads at block \d+\.\d+ state/,
  },
  {
    name: "the owner of a freed block is not looked at",
    patches: [
      {
        file: list,
        from: "if (seen !== (held ^ HELD_TO_SHOWN))\n            return false;",
        to: "",
      },
    ],
    by: handOver,
    problem: /blocks held by nobody, or lost by their holder/,
  },
  {
    name: "a handle that is read again takes the block back",
    patches: [{ file: list, from: "if (peek(this.words, block.state) === block.held)", to: "" }],
    by: ["block-list/a:ss-:d/depth=2,batch=1"],
    problem: /a race of two threads at block \d+\.\d+ state/,
  },
  {
    name: "a handle whose block was freed meanwhile is said to be another list's",
    patches: [
      {
        file: list,
        from: "if (!this.backing.owns(state) && load(this.words, state) === seen)",
        to: "if (!this.backing.owns(state))",
      },
    ],
    by: ["block-list/a:sf-:da/depth=2,batch=1,A=mortal"],
    problem: /it is another list's block/,
  },
  {
    name: "who leaves a deleted list leaves what it moved to the depot",
    patches: [
      {
        file: "list/block-list/open-list.ts",
        from: "this.trim(); // what went to the depot",
        to: "// what went to the depot",
      },
    ],
    by: ["block-list/aaaafff:fl-a:fx/depth=4,batch=1,preemptions=2"],
    problem: /AU-4: |blocks are in use when everybody is gone/,
  },
  {
    name: "who opens a list is counted when the lock is free again",
    patches: [
      {
        file: "list/block-list/record.ts",
        from: "pool.thread); try { const places",
        to: "pool.thread); let opened; try { const places",
      },
      {
        file: "list/block-list/record.ts",
        from:
          "store(place.words, partOf(place, pool.thread) + PART.OPEN, 1); return place; } finally { " +
          UNLOCK,
        to: `return (opened = place); } finally { ${UNLOCK} store(opened.words, ${OPENED}, 1);`,
      },
    ],
    by: ["block-list/:oafx-:oxoa/depth=2,batch=1,preemptions=1"],
    problem: /a race of two threads at record serial/,
  },
];
