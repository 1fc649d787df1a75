/**
 * Wrong variants of documented lists: their hot paths, their set, the tuner, and their end.
 */
import type { Variant } from "./variant.js";

const interlocked = "memory/interlocked/assembly/interlocked.ts";
const tuner = "system/balance-set-manager.ts";
const end = "wdk/lookaside-end.ts";

/** In the order of the source. */
export const DOCUMENTED_LIST_VARIANTS: readonly Variant[] = [
  {
    name: "take counts a miss by a load and a store",
    patches: [
      {
        file: interlocked,
        from: "if (!entry) add32(list + ALLOCATE_MISSES, 1);",
        to: "if (!entry) poke32(list + ALLOCATE_MISSES, peek32(list + ALLOCATE_MISSES) + 1);",
      },
    ],
    by: ["documented-list/tt-tt/depth=2,owned=11"],
    problem: /a race of two threads at list \d AllocateMisses/,
  },
  {
    name: "park believes a count that it read of an entry that was gone",
    patches: [
      {
        file: interlocked,
        from: "if (now == seen) return 0; seen = now; continue; }",
        to: "return 0; }",
      },
      { file: interlocked, from: "// The count is only true if the entry", to: "//" },
    ],
    by: ["documented-list/p-tt/depth=3,owned=10"],
    problem: /a list that had room was said to be full/,
  },
  {
    name: "park compares with Depth only once",
    patches: [
      {
        file: interlocked,
        from: "if (now == seen) return 1; seen = now;",
        to: "if (now == seen) return 1; push(list, entry); return 1;",
      },
    ],
    by: ["documented-list/pp-p/depth=2,owned=21"],
    problem: /more are parked than Depth/,
  },
  {
    name: "settle does not look at the head again",
    patches: [{ file: interlocked, from: "if (now == seen) break; seen = now;", to: "break;" }],
    by: ["documented-list/s-ttp/depth=3,owned=00"],
    problem: /calls of allocate were settled/,
  },
  {
    name: "settle forgets what was flushed",
    patches: [
      {
        file: interlocked,
        from: "const gone = <u64>parked + (load64(list) & REMOVED_MASK);",
        to: "const gone = <u64>parked;",
      },
    ],
    by: ["documented-list/tF-p/depth=2,owned=01"],
    problem: /TotalFrees is not the calls/,
  },
  {
    name: "the tuner stores a Depth without the MaximumDepth beside it",
    patches: [
      {
        file: tuner,
        from: "store(words, word(FIELD.Depth), (limits & ~0xffff) | next);",
        to: "store(words, word(FIELD.Depth), next);",
      },
    ],
    by: ["documented-list/w-tp/depth=2,owned=01,rises"],
    problem: /MaximumDepth was lost/,
  },
  {
    name: "a link goes into the set without the lock",
    patches: [
      {
        file: "list/list-set.ts",
        from: "acquireLock(region.words, HEADER.SET_LOCK, thread);",
        to: "",
      },
    ],
    by: ["documented-list/l-lu-w/depth=4,owned=000"],
    problem: /the list of thread/,
  },
  {
    name: "a half done link is not mended",
    patches: [{ file: "recovery/locks.ts", from: "mendListSets(region);", to: "" }],
    by: ["documented-list/lu-lw/depth=4,owned=00,A=mortal"],
    problem: /the list of thread/,
  },
  {
    name: "the tuner walks without the lock",
    patches: [
      {
        file: tuner,
        from: "withListSets(region, thread, () => {",
        to: "((walk) => walk())(() => {",
      },
    ],
    by: ["documented-routines/i:d-:w"],
    problem: /a race of two threads at list \d ListEntry/,
  },
  {
    name: "a list leaves the set without the lock",
    patches: [
      {
        file: end,
        from: "let late = 0; withListSets(region, thread, () => {",
        to: "let late = 0; ((leave) => leave())(() => {",
      },
    ],
    by: ["documented-routines/i:d-:w"],
    problem: /a race of two threads at list \d ListEntry/,
  },
  {
    name: "a drained entry's link is read when the pool has the entry",
    patches: [
      {
        file: end,
        from: "const next = peek(region.words, leaving >>> 2) >>> 0; // before",
        to: "// when",
      },
      {
        file: end,
        from: "entry = next; } return failure;",
        to: "entry = peek(region.words, leaving >>> 2) >>> 0; } return failure;",
      },
    ],
    by: ["documented-routines/aa:aa-aaff:F/chunks=2,preemptions=2"],
    problem: /an entry is nowhere/,
  },
];
