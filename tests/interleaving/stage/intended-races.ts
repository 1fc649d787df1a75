/**
 * Every race of the shipping code that is meant to be: by the name of the word, by the pair of accesses, and
 * with the reason why it does no harm. Any other race of any scenario is a fault; a line that no scenario of
 * the full run shows fails that run.
 *
 * Words are named by `names.ts`, pairs by `RacePair`. What a plain read may see, by the memory model, is any
 * write that does not lie before another that is known to lie before it: words are 32 bits, so never half of
 * one.
 */
import type { IntendedRace } from "../explorer/index.js";

const LOOK = "a look before a compare-exchange, which fails if the look was stale";

const STATISTICS =
  "a statistic: its owner writes it plainly, whoever reads it takes any value it had";

/** In the order of the layers. */
export const INTENDED_RACES: readonly IntendedRace[] = [
  {
    word: /^entry \d[. ](next|count)$/,
    pairs: ["read/write"],
    reason: "who reads the first entry may have lost it already; its compare-exchange then fails",
  },
  {
    word: /^list \d (TotalAllocates|TotalFrees)$/,
    pairs: ["read/write", "write/write"],
    reason: "totals are plain increments, as documented, and settle makes them exact",
  },
  {
    word: /^list \d TotalAllocates$/,
    pairs: ["write/atomic read"],
    reason:
      "the tuner samples a total that others increment plainly: any value that it had will do",
  },
  {
    word: /^list \d Depth$/,
    pairs: ["read/atomic write"],
    reason:
      "allocate and free go by a Depth that the tuner is changing: the one before or the one after",
  },
  {
    word: /^list \d Family$/,
    pairs: ["read/64-bit write"],
    reason:
      "the highest byte of a doubleword whose lower bytes count flushed entries: no add reaches it",
  },
  {
    word: /^list \d Family$/,
    pairs: ["read/atomic write"],
    reason:
      "a miss looks at the family of a list that a wrong program deletes meanwhile: it finds a list, as if " +
      "it had come first, or none",
  },
  {
    word: /^header state$/,
    pairs: ["read/atomic write"],
    reason:
      "each call looks plainly whether a bug check has stopped the machine: it is refused now or the next " +
      "time, and who is refused looks again, atomically, before it reads the code",
  },
  {
    word: /^data 0x[0-9a-f]+$/,
    pairs: ["read/write"],
    reason:
      "who reads a list's first entry may have lost it already; its compare-exchange then fails",
  },
  {
    word: /^block \d+\.\d+ state$/,
    pairs: ["read/write", "read/atomic write"],
    reason: `${LOOK}; or a recoverer's look at a block that is none of the dead thread's`,
  },
  {
    word: /^block \d+\.\d+ state$/,
    pairs: ["write/atomic read"],
    reason:
      "adopt looks at a block whose holder writes its state plainly: the generation tells it, or the " +
      "compare-exchange that follows",
  },
  {
    word: /^block \d+\.\d+ note$/,
    pairs: ["read/write"],
    reason:
      "a recoverer reads whose list a block is, and then looks at its state again, atomically, before it " +
      "changes anything",
  },
  {
    word: /^slab map \d+$/,
    pairs: ["read/write", "read/atomic write", "write/atomic read"],
    reason: "a bit is a hint: whoever follows it looks at the state",
  },
  {
    word: /^(run \d+( state)?|shadow \d+)$/,
    pairs: ["read/atomic write"],
    reason:
      "where a chunk is made or taken apart, what was seen before is looked at again under the lock, or " +
      "by a compare-exchange of a state that is none",
  },
  {
    word: /^shadow \d+$/,
    pairs: ["read/write"],
    reason: `the state of a block whose chunk was taken apart since its holder wrote it: ${LOOK}`,
  },
  {
    word: /^part \d+ \w+( \w+)*$/,
    pairs: ["write/atomic read"],
    reason: STATISTICS,
  },
  {
    word: /^channel (head|tail|returns|status)$/,
    pairs: ["read/atomic write"],
    reason: "hints, and a first look at the status: the looks that count are atomic (`cells.ts`)",
  },
  { word: /^cell \d+ header$/, pairs: ["read/atomic write"], reason: LOOK },
  {
    word: /^cell \d+ (low|high)$/,
    pairs: ["write/atomic read"],
    reason:
      "a recoverer reads the value of a cell that is being filled, and its header before and after: a " +
      "value whose header changed is read again (`channel/repair.ts`)",
  },
];
