/**
 * Wrong variants of channels: cells, bells, repair, and blocks on their way through.
 */
import type { Variant } from "./variant.js";

const cells = "channel/cells.ts";
const waiting = "channel/waiting.ts";
const repair = "channel/repair.ts";
const pushes = [
  "channel/:pp-:oo/capacity=1",
  "channel/:p-:po/capacity=1",
  "channel/:pp-:oo/capacity=2",
];
const pops = ["channel/p:p-:o-:o/capacity=2", ...pushes];

/** In the order of the source. */
export const CHANNEL_VARIANTS: readonly Variant[] = [
  {
    name: "a cell to fill is claimed by a store",
    patches: [
      {
        file: cells,
        from: "if (compareExchange(words, cell, seen, seen | this.#me | FILLING) !== seen) continue;",
        to: "store(words, cell, seen | this.#me | FILLING);",
      },
    ],
    by: pushes,
    problem: /a race of two threads at cell \d+ low/,
  },
  {
    name: "a push does not look after its claim whether the channel is open",
    patches: [
      {
        file: cells,
        from: "if (load(words, this.#status) !== CHANNEL_OPEN) {",
        to: "if (false) {",
      },
    ],
    by: ["channel/:p-:cD/capacity=1"],
    problem: /the end was told before it had come/,
  },
  {
    name: "a cell is published before its value is in",
    patches: [
      {
        file: cells,
        from: "poke(words, cell + LOW_WORD, low);",
        to: "store(words, cell, seen | HAS_VALUE); poke(words, cell + LOW_WORD, low);",
      },
      { file: cells, from: "store(words, cell, seen | HAS_VALUE); // anyone", to: "// anyone" },
    ],
    by: pushes,
    problem: /a race of two threads at cell \d+ high/,
  },
  {
    name: "a value is claimed by a store",
    patches: [
      {
        file: cells,
        from: "if (compareExchange(words, cell, seen, claimed) !== seen) continue;",
        to: "store(words, cell, claimed);",
      },
    ],
    by: pops,
    problem: /a race of two threads at cell \d+ high/,
  },
  {
    name: "who waits looks for a value before it looks at the bell",
    patches: [
      {
        file: waiting,
        from: "left = end - now()) { const seen = bell.read(); const result = turn.attempt();",
        to: "left = end - now()) { const result = turn.attempt(); const seen = bell.read();",
      },
    ],
    by: ["channel/:PP-:OO/capacity=1,preemptions=2", "channel/:p-:O/capacity=1"],
    problem: /nobody can go on/,
  },
  {
    name: "a push rings for nobody",
    patches: [
      {
        file: "channel/channel.ts",
        from: "if (waiters !== 0 && awaitsItems(waiters)) this.#items.ring();",
        to: "",
      },
    ],
    by: ["channel/:p-:O/capacity=1"],
    problem: /nobody can go on/,
  },
  {
    name: "a value that a dead reader had claimed is dropped",
    patches: [
      {
        file: repair,
        from: "const isEmpty = status === FILL ||",
        to: "const isEmpty = status !== FULL ||",
      },
      { file: repair, from: "EMPTY, FILL, HIGH", to: "EMPTY, FILL, FULL, HIGH" },
    ],
    by: ["channel/p:-:o/capacity=1,B=mortal"],
    problem: /values \d+ were lost/,
  },
  {
    name: "a cell that a dead sender was filling is given to readers",
    patches: [
      {
        file: repair,
        from: "const isEmpty = status === FILL ||",
        to: "const isEmpty =",
      },
    ],
    by: ["channel/:p-:oo/capacity=1,A=mortal"],
    problem: /value 0 was never pushed/,
  },
  {
    name: "cells that a dead thread had claimed are left as they are",
    patches: [{ file: repair, from: "cells += repairCells(place, thread, isUsedUp);", to: "" }],
    by: ["channel/p:-:o/capacity=1,BR=mortal", "channel/:p-:oo/capacity=1,A=mortal"],
    problem: /the audit found problems/,
  },
  {
    name: "nobody is told of a value that came back",
    patches: [{ file: repair, from: "announceReturns(place);", to: "" }],
    by: ["channel/p:-:o/capacity=1,BR=mortal"],
    problem: /a cell was lost/,
  },
  {
    name: "a handle that a dead receiver had used up comes back",
    patches: [
      { file: repair, from: "(status === TAKE && isUsedUp(valueAt(place, cell)))", to: "false" },
    ],
    by: ["block-list/a>:-:</depth=2,batch=1,B=mortal"],
    problem: /a block that was sent is lost/,
  },
  {
    name: "a dead sender's block that lies in a channel is reclaimed",
    patches: [
      {
        file: "recovery/recover.ts",
        from: "const isSent = kindOf(seen) === SHOWN && values.has(orphan.handle);",
        to: "const isSent = false;",
      },
    ],
    by: ["block-list/a:>-:</depth=2,batch=1,A=mortal"],
    problem: /a block that was sent is lost/,
  },
  {
    name: "a deleted channel stays when the last one to leave it died",
    patches: [{ file: "recovery/locks.ts", from: "forgetDesertedChannels(region);", to: "" }],
    by: ["channel/:x-:x/capacity=1,A=mortal"],
    problem: /it was deleted, and threads still use it/,
    needsDeath: true,
  },
];
