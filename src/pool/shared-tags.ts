/**
 * Blocks whose tag has no slot in the tag table: tag 0, and what came after 1,023 other tags. Their tallies
 * are counted together, in slot 0; what tag each has stands in its own shadow, so that a free under
 * another one is found, and so that what is held under one can be counted.
 *
 * ```
 *            31     16 15              0
 *           +---------+-----------------+
 *   word 5  | 0       | low half        |   two halves, so that bit 31 stays clear: SW-1
 *           +---------+-----------------+
 *   word 6  | 0       | high half       |
 *           +---------+-----------------+
 *   writer: who has just allocated the block
 * ```
 *
 * A shadow of seven words belongs to a block of at least {@link SHARED_TAG_BYTES_MIN} bytes: a smaller one is
 * made that large. Nothing of this costs a block whose tag has a slot.
 */
import { peek, poke, type Region, type Words } from "../memory/index.js";
import { blockBytesAt } from "./geometry.js";
import { addressAt } from "./slab.js";
import { FREE, kindOf, slackAt, tagIndexOf } from "./state-word.js";
import { tagAt } from "./tags.js";
import { walkBlocks } from "./walk.js";

const LOW = 5;
const HIGH = 6;

/** Bytes of the smallest block whose shadow has the words of a tag. */
export const SHARED_TAG_BYTES_MIN = (HIGH + 1) * 16;

/** Notes the tag of a block that was just allocated in slot 0. */
export function noteSharedTag(words: Words, state: number, tag: number): void {
  poke(words, state + LOW, tag & 0xffff);
  poke(words, state + HIGH, tag >>> 16);
}

/** The tag of the block at word `state`. */
export function tagOfBlock(region: Region, state: number, bill: number): number {
  const index = tagIndexOf(bill);
  if (index !== 0) return tagAt(region, index);
  const { words } = region;
  return (((peek(words, state + HIGH) & 0xffff) << 16) | (peek(words, state + LOW) & 0xffff)) >>> 0;
}

/** What is held of one pool under a tag without a slot. */
export interface SharedTagUsage {
  blocks: number;
  /** As asked for. */
  bytes: number;
}

/** Counts what is held under a tag without a slot, by pool: a look at every block, about 3 ns each. */
export function sharedTagUsage(region: Region, tag: number): readonly SharedTagUsage[] {
  const sums = [0, 1].map(() => ({ blocks: 0, bytes: 0 }));
  const { words } = region;
  walkBlocks(region, (state, seen, kind) => {
    if (kindOf(seen) === FREE) return;
    const bill = peek(words, state + 1);
    if (tagIndexOf(bill) !== 0 || tagOfBlock(region, state, bill) !== tag >>> 0) return;
    const sum = sums[kind] as SharedTagUsage;
    const address = addressAt(region, state);
    sum.blocks++;
    sum.bytes += blockBytesAt(region, address) - slackAt(words, state, bill);
  });
  return sums;
}
