/**
 * Wrong variants of the thread table.
 */
import type { Variant } from "./variant.js";

const table = "threads/thread-table.ts";
const deaths = ["threads/c-cr/numbers=1,A=mortal"];

/** In the order of what they are about. */
export const THREAD_VARIANTS: readonly Variant[] = [
  {
    name: "a number is claimed by a load and a store",
    patches: [
      {
        file: table,
        from: "if (compareExchange(words, host, 0, claim) !== 0) continue;",
        to: "if (load(words, host) !== 0) continue; store(words, host, claim);",
      },
    ],
    by: ["threads/cr-cr/numbers=1"],
    problem: /Cannot attach: all/,
  },
  {
    name: "a number that a dead thread was claiming is not freed",
    patches: [
      {
        file: table,
        from: "compareExchange(region.words, wordOf(region, thread, HOST), claimWord(host), 0);",
        to: "void claimWord;",
      },
    ],
    by: deaths,
    problem: /Cannot attach: all/,
  },
  {
    name: "a recovered thread is counted by whoever recovers it, again",
    patches: [
      {
        file: table,
        from: "store(words, recovered, (load(words, before) + 1) | 0);",
        to: "store(words, recovered, (load(words, recovered) + 1) | 0);",
      },
    ],
    by: ["pool/r:f/chunks=2,AR=mortal"],
    problem: /a recovery is not counted once/,
  },
  {
    name: "a recovery ends without giving the number back",
    patches: [
      {
        file: table,
        from: "compareExchange(region.words, word, seen, statusWord(epoch + 1, 0, FREE));",
        to: "",
      },
    ],
    by: deaths,
    problem: /Cannot attach: all/,
  },
];
