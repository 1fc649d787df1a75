/**
 * Wrong variants of the interlocked sequenced list.
 */
import type { Variant } from "./variant.js";

const file = "memory/interlocked/assembly/interlocked.ts";
const by = [
  "sequenced-list/o-oouu/00/deaths",
  "sequenced-list/of-uou/01",
  "sequenced-list/o-ou-ou/000",
  "sequenced-list/ouo-ouou/00",
];

/** In the order of the source. */
export const SEQUENCED_LIST_VARIANTS: readonly Variant[] = [
  {
    name: "no sequence in the head",
    patches: [{ file, from: "| (sequence & SEQUENCE_MASK)", to: "" }],
    by,
    problem: /an entry is nowhere|the count is not the chain's length/,
  },
  {
    name: "a sequence of one bit",
    patches: [
      { file, from: "SEQUENCE_MASK: u64 = (1 << SEQUENCE_BITS) - 1", to: "SEQUENCE_MASK: u64 = 1" },
    ],
    by,
    problem: /an entry is nowhere/,
  },
  {
    name: "push publishes the entry before it links it",
    patches: [
      {
        file,
        from: "    poke32(entry, first);\n    poke32(entry + LINK_COUNT, count + 1);\n",
        to: "",
      },
      {
        file,
        from: "    if (now == seen) return first;\n    seen = now;\n  }\n}\n\n/** Takes the first entry.",
        to:
          "    if (now == seen) { poke32(entry, first); poke32(entry + LINK_COUNT, count + 1);" +
          " return first; }\n    seen = now;\n  }\n}\n\n/** Takes the first entry.",
      },
    ],
    by,
    problem:
      /the count is not the chain's length|an entry is nowhere|a race of two threads at entry \d+\.next/,
  },
  {
    name: "pop stores the head instead of comparing it",
    patches: [
      {
        file,
        from:
          "const now = compareExchange64(list + HEAD, seen, headOf(next, seen + 1)); " +
          "// the entry is the caller's",
        to: "store64(list + HEAD, headOf(next, seen + 1)); const now = seen;",
      },
    ],
    by,
    problem: /and was given to thread|an entry is nowhere/,
  },
  {
    name: "flush stores the head instead of comparing it",
    patches: [
      {
        file,
        from: "const now = compareExchange64(list + HEAD, seen, headOf(0, seen));",
        to: "store64(list + HEAD, headOf(0, seen)); const now = seen;",
      },
    ],
    by,
    problem: /an entry is nowhere/,
  },
];
