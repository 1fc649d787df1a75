/**
 * An access to memory as the processor would make it: with a page fault where paged memory is out of reach.
 */
import { CHUNK_BYTES } from "../base/index.js";
import { PAGED } from "../pool/index.js";
import { pointer, refuse, sizeT } from "./arguments.js";
import { DISPATCH_LEVEL } from "./constants.js";
import { bugCheck, machine } from "./machine.js";
import { BUG_CHECK } from "./raise.js";

/**
 * The bytes at an address, checked as an access by the processor would be: paged memory cannot be touched at
 * DISPATCH_LEVEL or above. A view, made anew by each call; any thread.
 *
 * @throws {BugCheck} 0x0A, the simulated page fault. @throws {LookasideError} ERR_ARGUMENT outside the
 * memory; ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot();
 * const block = ExAllocatePoolWithTag(PagedPool, 64, tag("Demo"));
 * touch(block, 64)[0] = 7;
 * console.log(touch(block, 1)[0]); // 7
 * shutdown();
 * ```
 */
export function touch(Address: number, Length: number): Uint8Array<SharedArrayBuffer> {
  const here = machine();
  const address = pointer("touch", "Address", Address);
  const bytes = sizeT("touch", "Length", Length);
  const { region, pool } = here.system;
  if (!region.cover(address + bytes)) {
    refuse("touch", "Address", address, `the memory has no ${bytes} bytes there`);
  }
  if (here.irql >= DISPATCH_LEVEL) {
    // A chunk belongs to one pool as a whole, so one look at each decides.
    for (let at = address; at < address + bytes; at += CHUNK_BYTES - (at % CHUNK_BYTES)) {
      if (pool.kindAt(at) !== PAGED) continue;
      const message = `Cannot touch paged memory at 0x${at.toString(16)} at IRQL ${here.irql}`;
      bugCheck(BUG_CHECK.IRQL_NOT_LESS_OR_EQUAL, [at, here.irql, 0, 0], message);
    }
  }
  return region.bytes.subarray(address, address + bytes);
}
