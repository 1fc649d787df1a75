/**
 * Changes that look like faults and are none: the reason, and the scenarios in which they show nothing.
 */
import type { EquivalentVariant } from "./variant.js";

/** In no order. */
export const EQUIVALENT_VARIANTS: readonly EquivalentVariant[] = [
  {
    name: "free puts the block into the ring before it counts the call",
    reason:
      "both words are the thread's own, and recovery believes only the states: it counts what it finds there",
    patches: [
      {
        file: "list/block-list/block-list.ts",
        from:
          "poke(words, part + FREES, peek(words, part + FREES) + 1);\n" +
          "        poke(words, block.state, held ^ HELD_TO_CACHED);",
        to:
          "poke(words, block.state, held ^ HELD_TO_CACHED);\n" +
          "        poke(words, part + FREES, peek(words, part + FREES) + 1);",
      },
    ],
    by: [
      "block-list/aaaa:ffff/depth=4,batch=1,AR=mortal",
      "block-list/aaa:ffa-:a/depth=4,batch=1,A=mortal",
    ],
  },
  {
    name: "an entry's slot is noted after its state",
    reason:
      "while a slot is being filled only its claimant and its recoverer look, and those at the states",
    patches: [
      {
        file: "list/block-list/depot.ts",
        from:
          "poke(this.#words, header + 1 + at, state);\n" +
          "                const generation = generationOf(peek(this.#states, state));\n" +
          "                poke(this.#states, state, stateWord(DEPOT, slot, generation));",
        to:
          "const generation = generationOf(peek(this.#states, state));\n" +
          "                poke(this.#states, state, stateWord(DEPOT, slot, generation));\n" +
          "                poke(this.#words, header + 1 + at, state);",
      },
    ],
    by: [
      "block-list/aaaff:f-aaaff:f/depth=6,batch=1",
      "block-list/aaaa:ffff/depth=4,batch=1,AR=mortal",
    ],
  },
];
