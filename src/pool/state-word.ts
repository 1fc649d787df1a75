/**
 * The shadow: what the pool knows of a block, out of band.
 *
 * Each 16 bytes of the data area have one word in the shadow. The words of a block's first bytes are
 * its own:
 *
 * ```
 *   block at address a          shadow at word shadow + (a - data) / 16
 *   +------------------+        +-------+
 *   | bytes  0..15     |  ----> | state |   the one authoritative word of the block
 *   +------------------+        +-------+
 *   | bytes 16..31     |  ----> | bill  |   who is charged, and how much of the block is slack
 *   +------------------+        +-------+
 *   | bytes 32..47     |  ----> | note  |   the verifier's own (blocks of 48 bytes and more)
 *   +------------------+        +-------+
 *   | bytes 48..63     |  ----> | slack |   slack bytes, where the bill has no room for them
 *   +------------------+        +-------+
 *   | bytes 64..79     |  ----> | mark  |   the verifier's own: of a parked entry, and of a free block
 *   +------------------+        +-------+
 *   | bytes 80..111    |  ----> | tag   |   two words, where the tag has no slot: shared-tags.ts
 *   +------------------+        +-------+
 *
 *          31   30     28 27              20 19                          0
 *         +---+----------+------------------+-----------------------------+
 *   state | 1 | kind     | subject          | generation                  |
 *         +---+----------+------------------+-----------------------------+
 *         +---+----+------------+-----------------+-----------------------+
 *   bill  | 0 | nx | tag index  | quota account   | slack bytes           |
 *         +---+----+------------+-----------------+-----------------------+
 *          31   30  29        20 19             12 11                    0
 * ```
 *
 * Bit 31 tells a state from every other word, so that a compare-and-exchange aimed with a stale idea of a
 * slab's geometry can never take a bill for a free block: SW-1.
 *
 * Who may change a state word:
 *
 * | kind | subject | changed by |
 * |---|---|---|
 * | none (bit 31 clear) | – | the holder of the run lock, who carves a slab or a run here |
 * | FREE | slot: pool kind and size class | anyone, by compare-exchange, to HELD; run-lock holder, to none |
 * | HELD | the thread it was allocated in | anyone, by compare-exchange to FREE or PARKED |
 * | HELD, of a block list | the thread that holds it | that thread alone, plainly |
 * | PARKED | that thread | anyone, by compare-exchange to HELD: checked documented lists |
 * | CACHED | the thread whose ring it is in | that thread alone; after its proven end, who recovers it |
 * | DEPOT | the depot slot it is in | who has claimed the slot; while it is full, nobody |
 * | SHOWN | the holder, or nobody: its handle was read | anyone, by compare-exchange to HELD: block lists |
 *
 * The generation grows by one with every allocation. A slab or a run made anew begins with one as new as any
 * that is out of use (generations.ts), so an old handle does not fit again: SW-2.
 * The bill and the rest belong to whoever holds the block. But a slab and a run are made with notes of 0, and
 * leave no state and nothing else in the first word of a chunk: so what a walk takes for the note of a block
 * of the pool is never that of a list by chance: SW-3.
 */
import { peek, type Words } from "../memory/index.js";

/** Words from a block's state to its note, and the bytes of blocks that have one. */
export const NOTE = 2;
export const NOTED_BYTES_MIN = (NOTE + 1) * 16;

/** Kinds as they appear in `word >>> 28`: bit 31 and the kind. */
export const FREE = 0x9;
export const HELD = 0xa;
export const PARKED = 0xb;
export const CACHED = 0xc;
export const DEPOT = 0xd;
export const SHOWN = 0xe;

const SUBJECT_SHIFT = 20;
const GENERATION_MASK = 0xf_ffff;

/** Bits of the subject. */
export const SUBJECT_MASK = 0xff << SUBJECT_SHIFT;

/** A state word. */
export function stateWord(kind: number, subject: number, generation: number): number {
  return (kind << 28) | (subject << SUBJECT_SHIFT) | (generation & GENERATION_MASK);
}

/** Bit 31 and the kind: FREE, HELD, PARKED, or less than 8 for a word that is no state. */
export function kindOf(state: number): number {
  return state >>> 28;
}

/** The slot of a free block, the owner of a held one. */
export function subjectOf(state: number): number {
  return (state >>> SUBJECT_SHIFT) & 0xff;
}

/** The generation. */
export function generationOf(state: number): number {
  return state & GENERATION_MASK;
}

/** Whether a word is the state of a block, and not a bill or what is left where no block starts. */
export function isState(word: number): boolean {
  return word < 0;
}

/** Kind and subject together: what a free block of one slot must show. */
export function prefixOf(state: number): number {
  return state >>> SUBJECT_SHIFT;
}

/** The prefix of a free block of `slot`. */
export function freePrefix(slot: number): number {
  return (FREE << 8) | slot;
}

/** Slack of this much or more stands in a word of its own: runs, and fenced blocks of a page and more. */
export const SLACK_APART = 0xfff;

/** A bill: who is charged for a block. */
export function billWord(
  nx: number,
  tagIndex: number,
  account: number,
  slackBytes: number,
): number {
  const slack = slackBytes < SLACK_APART ? slackBytes : SLACK_APART;
  return (nx << 30) | (tagIndex << 20) | (account << 12) | slack;
}

/** 1 when the block was asked for as non-executable memory. */
export function nxOf(bill: number): number {
  return (bill >>> 30) & 1;
}

/** Index of the block's tag in the tag table. */
export function tagIndexOf(bill: number): number {
  return (bill >>> 20) & 0x3ff;
}

/** The quota account that is charged, or 0. */
export function accountOf(bill: number): number {
  return (bill >>> 12) & 0xff;
}

/** The same bill, and nobody is charged. */
export function withoutAccount(bill: number): number {
  return bill & ~(0xff << 12);
}

/** Bytes of the block that were not asked for; {@link SLACK_APART} when its fourth word has them. */
export function slackOf(bill: number): number {
  return bill & 0xfff;
}

/** Word of a block's shadow that the verifier marks it with: of blocks of so many bytes and more. */
export const MARK = 4;
export const MARKED_BYTES_MIN = (MARK + 1) * 16;

/** Word of a block's shadow that has the slack which the bill has no room for. */
export const SLACK = 3;

/** Bytes of the block at word `state` that were not asked for. */
export function slackAt(words: Words, state: number, bill: number): number {
  const slack = slackOf(bill);
  return slack < SLACK_APART ? slack : peek(words, state + SLACK);
}
