/**
 * Checked mode of freed pool: a write into a block after its free is found when the block is given out again.
 *
 * A freed block of 80 to 4,096 bytes is filled, and marked: its fifth shadow word says that it was filled,
 * and in which generation it was freed. Who is given the block in the next generation looks whether the fill
 * is still there. A block that came back on any other way (from a block list, say) has another generation
 * then, and one of a slab that was made anew has no mark: nothing is known of its bytes.
 *
 * ```
 *   HELD|user ──seize──► CACHED|t ──fill, mark──► CACHED|t ──► FREE          t frees the block
 *                              └─── t dies: whoever recovers it frees the block
 * ```
 *
 * The block is seized first, so that of two threads that free it at once only one fills it, and never what
 * a third has been given meanwhile.
 */
import { PAGE_BYTES } from "../base/index.js";
import { peek, poke } from "../memory/index.js";
import { FREED, generationOf, MARK, MARKED_BYTES_MIN, stateIndex } from "../pool/index.js";
import { bugCheck, type Machine } from "./machine.js";
import { BUG_CHECK } from "./raise.js";

/** The mark of a filled block, and its generation. */
const FILLED = 1 << 24;

/** Blocks that are filled have at least the words of a mark, and at most a page. */
const FILLED_BYTES_MIN = MARKED_BYTES_MIN;
const FILLED_BYTES_MAX = PAGE_BYTES;

const FILL_BYTE = 0xf6;
const FILL_WORD = 0xf6f6_f6f6 | 0;

/**
 * Frees a block as `pool.free` does, with the same outcomes, and fills it if it is small.
 * @param blockBytes bytes of the block.
 */
export function freeFilled(
  here: Machine,
  address: number,
  tag: number,
  blockBytes: number,
): number {
  const { pool, region } = here.system;
  if (blockBytes < FILLED_BYTES_MIN || blockBytes > FILLED_BYTES_MAX)
    return pool.free(address, tag);
  const found = pool.seize(address, tag);
  if (found !== FREED) return found;
  region.cover(address + blockBytes);
  region.bytes.fill(FILL_BYTE, address, address + blockBytes);
  const state = stateIndex(region, address);
  poke(region.words, state + MARK, FILLED | generationOf(peek(region.words, state)));
  return pool.freeForList(address);
}

/**
 * Reports a block, just given to this thread, that was written between its free and this allocation.
 * @throws {BugCheck} 0xCC
 */
export function checkFill(here: Machine, address: number): void {
  const { pool, region } = here.system;
  const { words } = region;
  const state = stateIndex(region, address);
  const before = generationOf(generationOf(peek(words, state)) - 1);
  if (peek(words, state + MARK) !== (FILLED | before)) return;
  const blockBytes = pool.blockBytesAt(address);
  if (blockBytes > FILLED_BYTES_MAX) return; // the mark is of a small block that began here once
  const damaged = damagedFill(here, address, blockBytes);
  poke(words, state + MARK, 0);
  if (damaged === 0) return;
  pool.free(address, -1); // the allocation fails: nobody gets the block
  const message =
    `The block at 0x${address.toString(16)} was written at 0x${damaged.toString(16)} ` +
    "after it had been freed";
  const parameters = [damaged, 1, 0, address] as const; // 1: by a write; nobody knows from where
  bugCheck(BUG_CHECK.PAGE_FAULT_IN_FREED_SPECIAL_POOL, parameters, message);
}

/** The first address of a damaged byte of a filled block, or 0. */
function damagedFill(here: Machine, address: number, blockBytes: number): number {
  const { region } = here.system;
  region.cover(address + blockBytes);
  const { bytes, words } = region;
  for (let word = address >>> 2; word < (address + blockBytes) >>> 2; word++) {
    if (peek(words, word) === FILL_WORD) continue;
    let at = word * 4;
    while (bytes[at] === FILL_BYTE) at++;
    return at;
  }
  return 0;
}
