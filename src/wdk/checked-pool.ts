/**
 * Checked mode of the pool: tags, sizes, fences behind blocks, and frees of memory that is still in use. For
 * writes into what was freed: freed-memory.ts.
 *
 * In checked mode a block is larger than asked for: 16 bytes of fence follow the bytes asked for, and
 * the block has at least 80 bytes, so that its shadow has five words: state, bill, note, slack, checksum
 * (while it is free: the mark of its fill).
 */
import { listWithin, withListSets } from "../list/index.js";
import { poke } from "../memory/index.js";
import { stateIndex } from "../pool/index.js";
import { freeFilled } from "./freed-memory.js";
import { bugCheck, type Machine } from "./machine.js";
import { BUG_CHECK } from "./raise.js";

/** Shadow word of a block that names the list it belongs to. */
export const NOTE = 2;

const FENCE_BYTES = 16;
const FENCE_PATTERN = 0xf7;
const CHECKED_BLOCK_BYTES_MIN = 80;

const { BAD_POOL_CALLER, DRIVER_VERIFIER_DETECTED_VIOLATION } = BUG_CHECK;

/** Bytes that a checked block of `bytes` needs. */
export function fencedBytes(bytes: number): number {
  return Math.max(bytes + FENCE_BYTES, CHECKED_BLOCK_BYTES_MIN);
}

/** Builds the fence behind a new block. */
export function fence(here: Machine, address: number, bytes: number): void {
  const { region } = here.system;
  region.cover(address + bytes + FENCE_BYTES);
  region.bytes.fill(FENCE_PATTERN, address + bytes, address + bytes + FENCE_BYTES);
  poke(region.words, stateIndex(region, address) + NOTE, 0); // no list knows it yet
}

/** The first address of a damaged fence byte, or 0. */
export function damagedFence(here: Machine, address: number, bytes: number): number {
  const { region } = here.system;
  region.cover(address + bytes + FENCE_BYTES);
  for (let at = address + bytes; at < address + bytes + FENCE_BYTES; at++) {
    if (region.bytes[at] !== FENCE_PATTERN) return at;
  }
  return 0;
}

/** Reports a block that was written past its end. @throws {BugCheck} 0xC4, 0x51 */
export function checkFence(here: Machine, address: number, bytes: number): void {
  const damaged = damagedFence(here, address, bytes);
  if (damaged === 0) return;
  const message = `The block at 0x${address.toString(16)} was written past its ${bytes} bytes`;
  bugCheck(DRIVER_VERIFIER_DETECTED_VIOLATION, [0x51, address, damaged, bytes], message);
}

function isLetterOrDigit(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x61 && code <= 0x7a)
  );
}

/**
 * Reports a tag or a size that no allocation should have, with the documented parameters; the address of the
 * caller, which some of them have last, is 0.
 * @throws {BugCheck} 0xC4 with 0x00, 0xC2 with 0x9B to 0x9D
 */
export function checkTag(here: Machine, type: number, tag: number, bytes: number): void {
  const what = `${bytes} bytes of pool type ${type}`;
  if (bytes === 0) {
    const message = `Cannot allocate ${what}, at IRQL ${here.irql}`;
    bugCheck(DRIVER_VERIFIER_DETECTED_VIOLATION, [0x00, here.irql, type, 0], message);
  }
  const size = bytes >>> 0;
  if (tag === 0)
    bugCheck(BAD_POOL_CALLER, [0x9b, type, size, 0], `Cannot allocate ${what} under tag 0`);
  if ((tag & 0xff_ffff) === 0x47_4942)
    bugCheck(BAD_POOL_CALLER, [0x9c, type, size, 0], `Cannot allocate ${what} under the tag "BIG"`);
  const codes = [0, 8, 16, 24].map((shift) => (tag >>> shift) & 0xff);
  if (!codes.some(isLetterOrDigit)) {
    const message = `Cannot allocate ${what} under tag 0x${tag.toString(16)}: it has no letter or digit`;
    bugCheck(BAD_POOL_CALLER, [0x9d, tag, type, 0], message);
  }
}

/**
 * Frees a block, with the outcomes of `pool.free`, once nothing is found that the free would break: under
 * the set lock, or a list could be made in the block in between.
 * @throws {BugCheck} 0xC4, 0x51 or 0xCC
 */
export function freeChecked(here: Machine, address: number, tag: number): number {
  const { pool, region, thread } = here.system;
  return withListSets(region, thread, () => {
    const block = pool.inspect(address);
    if (block === null || block.parked) return pool.free(address, tag); // which tells why not
    checkFence(here, address, block.bytes);
    checkHoldsNoList(here, address, block.blockBytes);
    return freeFilled(here, address, tag, block.blockBytes);
  });
}

/**
 * Reports memory with an active list in it, which is about to be freed. Under the set lock.
 * @throws {BugCheck} 0xC4, 0xCC
 */
export function checkHoldsNoList(here: Machine, address: number, bytes: number): void {
  const held = listWithin(here.system.region, address, bytes);
  if (held === undefined) return;
  const message = `Cannot free 0x${address.toString(16)}: it holds the active list at 0x${held.toString(16)}`;
  bugCheck(DRIVER_VERIFIER_DETECTED_VIOLATION, [0xcc, held, address, bytes], message);
}
