/**
 * Wrong variants of the pool: blocks, slabs, runs.
 */
import type { Variant } from "./variant.js";

const interlocked = "memory/interlocked/assembly/interlocked.ts";
const slab = "pool/slab.ts";
const run = "pool/run.ts";
const complete = "pool/complete-pool.ts";
const table = "pool/run-table.ts";

/** In the order of the source. */
export const POOL_VARIANTS: readonly Variant[] = [
  {
    name: "a free block is claimed by a store",
    patches: [
      {
        file: interlocked,
        from:
          "if (compareExchange32(state, seen, next) != seen) return 0; // else the block " +
          "is the caller's",
        to: "poke32(state, next);",
      },
    ],
    by: ["pool/a:-:a-:a/chunks=1"],
    problem: /a race of two threads at block \d+\.\d+ state/,
  },
  {
    name: "a slab is taken apart although a block of it was just taken",
    patches: [
      {
        file: slab,
        from: "if (free && compareExchange(words, state, seen, 0) === seen)",
        to: "if (free && (store(words, state, 0), true))",
      },
    ],
    by: ["pool/af:a-:r/chunks=1", "pool/a:f-:r/chunks=1"],
    problem: /a race of two threads at shadow \d+/,
  },
  {
    name: "a slab is taken apart without a look at its states",
    patches: [
      {
        file: slab,
        from: "const free = prefixOf(seen) === freePrefix(slot);",
        to: "const free = true;",
      },
    ],
    by: ["pool/af:a-:r/chunks=1", "pool/a:f-:r/chunks=1", "pool/:af-:r/chunks=1"],
    problem: /a race of two threads at shadow \d+|a free was refused/,
  },
  {
    name: "what was taken out of use is not put back when a slab stays",
    patches: [
      {
        file: slab,
        from: "for (let undo = 0; undo < block; undo++)",
        to: "for (let undo = 0; undo < 0; undo++)",
      },
    ],
    by: ["pool/af:a-:r/chunks=1", "pool/:af-:r/chunks=1"],
    problem: /the pool is not sound/,
  },
  {
    name: "a slab is published after its blocks are free",
    patches: [
      {
        file: slab,
        from: "publishChunks(region, first, shape.chunks, runEntry(SLAB, kindOfSlot(slot), slot)); const",
        to: "const",
      },
      {
        file: slab,
        from: "or(words, classMapOf(region, slot, first), 1 << (first & 31)); return first;",
        to:
          "publishChunks(region, first, shape.chunks, runEntry(SLAB, kindOfSlot(slot), slot)); " +
          "or(words, classMapOf(region, slot, first), 1 << (first & 31)); return first;",
      },
    ],
    by: ["pool/:a-:af/chunks=1,preemptions=3"],
    problem: /a free was refused/,
  },
  {
    name: "a run is given up before its lock is taken",
    patches: [
      {
        file: run,
        from: "const isLocked = isLockTaken(region, thread);",
        to:
          "if (compareExchange(words, state, seen, 0) !== seen) return false;\n" +
          "const isLocked = isLockTaken(region, thread);",
      },
      {
        file: run,
        from:
          "outliveGeneration(words, generationOf(seen)); " +
          "if (compareExchange(words, state, seen, 0) !== seen) return false;",
        to: "outliveGeneration(words, generationOf(seen));",
      },
    ],
    by: ["pool/:rf-:R/chunks=2,preemptions=2,A=mortal"],
    problem: /the pool is not sound/,
  },
  {
    name: "a run is given back twice",
    patches: [
      {
        file: run,
        from: "releaseChunks(region, poolKindOf(entry), chunk, payloadOf(entry));",
        to:
          "releaseChunks(region, poolKindOf(entry), chunk, payloadOf(entry)); " +
          "releaseChunks(region, poolKindOf(entry), chunk, payloadOf(entry));",
      },
    ],
    by: ["pool/:rf-:rf/chunks=1"],
    problem: /the pool is not sound/,
  },
  {
    name: "the memory is not grown for a run",
    patches: [
      {
        file: table,
        from: "if (first < 0 || !region.grow(chunkByte(region, first + count)))",
        to: "if (first < 0)",
      },
    ],
    by: ["pool/:a-:b/chunks=2,grown=0"],
    problem: /a block lies behind the end of the memory/,
  },
  {
    name: "of two frees at once both fill the block",
    patches: [
      {
        file: complete,
        from: "return compareExchange(words, state, seen, cached) === seen ? FREED : ALREADY_FREE;",
        to: "store(words, state, cached); return FREED;",
      },
      {
        file: complete,
        from: "import { compareExchange, HEADER, load, peek, poke",
        to: "import { compareExchange, HEADER, load, store, peek, poke",
      },
    ],
    by: ["pool/ax:z-:yz/chunks=1"],
    problem: /the pool is not sound/,
  },
  {
    name: "a block is seized without a claim of its chunk",
    patches: [{ file: complete, from: "this.claims.note(state); // CL-1", to: "" }],
    by: ["pool/a:z-:a/chunks=1,A=mortal"],
    problem: /a block is still being filled/,
  },
  {
    name: "the run table of a dead holder is not mended",
    patches: [{ file: "recovery/locks.ts", from: "mendRuns(region);", to: "" }],
    by: ["pool/:a-:r/chunks=2,A=mortal"],
    problem: /the pool is not sound/,
  },
];
