/**
 * What must hold of block lists at every instant, not only when all have come to their end: depth is a hard
 * cap. Credits left, limits of all rings and blocks in the depot, by their states, are together no more than
 * depth (AU-4), and what a depth that was lowered has left over: that is the debt, credits below zero.
 * Blocks in rings are not counted: a block is CACHED also while a thread has it in hand and finds out whether
 * there is room.
 */
import type { Machine } from "../stage/machine.js";

/** Block lists that there can be on stage. */
const LISTS = 4;

/** Units of 16 bytes from block to block: all blocks of the scenarios' lists have 16 KiB. */
const UNITS = 1_024;

/** Throws when a list may park too much. Looks at the words themselves, for it is called at every state. */
export function demandCap(machine: Machine, words: Int32Array): void {
  const { layout, stage } = machine;
  const { PART, RECORD } = stage.list;
  let [depths, debts, rights] = [0, 0, 0];
  for (let id = 0; id < LISTS; id++) {
    const at = (words[layout.lists + id] as number) >>> 2;
    if (at === 0) continue;
    const credits = words[at + RECORD.CREDITS] as number;
    depths += words[at + RECORD.DEPTH] as number;
    debts += Math.max(0, -credits);
    rights += credits;
    for (let thread = 0; thread < layout.threadCapacity; thread++)
      rights += words[at + RECORD.PARTS + thread * PART.WORDS + PART.LIMIT] as number;
  }
  const used = rights + blocksInDepots(machine, words);
  if (used > depths + debts)
    throw new Error(`AU-4: rights to park ${used} blocks are out, of ${depths + debts}`);
}

function blocksInDepots({ layout, stage }: Machine, words: Int32Array): number {
  const { DEPOT, kindOf } = stage.pool;
  const end = layout.shadow + (layout.endByte - layout.dataByte) / 16;
  let blocks = 0;
  for (let at = layout.shadow; at < end; at += UNITS) {
    if (kindOf(words[at] as number) === DEPOT) blocks++;
  }
  return blocks;
}
