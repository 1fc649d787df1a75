/**
 * A guest's static memory: one block of nonpaged pool, which all instances of the guest in all threads share,
 * as the static data of a driver are shared by all processors.
 *
 * ```
 *   annex of the name `guest:<name>` (list/routines.ts)
 *        +-------------+-------------+
 *        | area        | owner lock  |
 *        +-------------+-------------+
 *   area
 *        +-------------+-------------+-------+----------------------+-------------------+
 *        | fingerprint | bytes       | 0   0 | 256 x (stack, local) | static memory ... |
 *        +-------------+-------------+-------+----------------------+-------------------+
 * ```
 *
 * | word | written by | meaning |
 * |---|---|---|
 * | area | whoever initialized it, under the lock | 0 until it is ready, then for ever its address |
 * | owner lock | who initializes | a dead holder is found by its number, and nothing it did was published |
 * | fingerprint | likewise, once | which module the memory belongs to |
 * | stack, local | the thread of that number | blocks of its instance; if it dies, the next one frees them |
 *
 * The area stays when the last instance is unloaded: lists of the guest may still lie in it.
 */
import { LookasideError, THREADS_MAX, utf8Of, WORD_BYTES } from "../../base/index.js";
import { acquireLock, load, releaseLock, store } from "../../memory/index.js";
import type { System } from "../../system/index.js";
import {
  ExAllocatePoolWithTag,
  NonPagedPool,
  POOL_RAISE_IF_ALLOCATION_FAILURE,
  tag,
} from "../index.js";
import type { StaticNeeds } from "./dylink.js";

/** The pool tag of everything that guests need for themselves. */
export const GUEST_TAG = tag("Gues");

/** Words of an area: where the blocks of thread 0 are noted, and how many a thread may note. */
const THREAD_BLOCKS = 4;
const BLOCKS_OF_THREAD = 2;

const HEADER_BYTES = (THREAD_BLOCKS + BLOCKS_OF_THREAD * (THREADS_MAX + 1)) * WORD_BYTES;

/** A zeroed block of nonpaged pool. @throws {StatusError} STATUS_INSUFFICIENT_RESOURCES */
export function guestBlock(system: System, bytes: number): number {
  const type = NonPagedPool | POOL_RAISE_IF_ALLOCATION_FAILURE;
  const address = ExAllocatePoolWithTag(type, bytes, GUEST_TAG);
  system.region.cover(address + bytes);
  system.region.bytes.fill(0, address, address + bytes);
  return address;
}

/** FNV-1a of what a module shows of itself: enough to tell two builds apart, never 0. */
export function fingerprintOf(module: WebAssembly.Module): number {
  const shown = [
    ...WebAssembly.Module.imports(module).map(({ module: from, name }) => `${from}.${name}`),
    ...WebAssembly.Module.exports(module).map(({ name }) => name),
  ];
  const parts = ["dylink.0", "build_id", "target_features", "name"]
    .flatMap((section) => WebAssembly.Module.customSections(module, section))
    .map((section) => new Uint8Array(section));
  let hash = 0x811c_9dc5;
  for (const bytes of [utf8Of(shown.join("\n")), ...parts]) {
    for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x0100_0193);
  }
  return hash | 1;
}

/** The static memory of a guest, as the thread that makes an instance sees it. */
export class Statics {
  /** First address that is the guest's. */
  readonly base: number;
  /** Whether this thread is the one that initializes the memory. */
  readonly isFirst: boolean;
  readonly #system: System;
  readonly #word: number;

  constructor(system: System, area: number, needs: StaticNeeds, isFirst: boolean) {
    const { memoryAlignmentBytes } = needs;
    this.base = Math.ceil((area + HEADER_BYTES) / memoryAlignmentBytes) * memoryAlignmentBytes;
    this.isFirst = isFirst;
    this.#system = system;
    this.#word = (area >>> 2) + THREAD_BLOCKS + BLOCKS_OF_THREAD * system.thread;
    system.region.cover(this.base + needs.memoryBytes);
    // What is noted here now was a thread's that had this number and died: a number is given again only then.
    for (const left of this.#noted()) {
      if (left !== 0) system.pool.free(left, -1);
    }
    this.note(0, 0);
  }

  /** Notes the blocks of this thread's instance: 0 for none. */
  note(stack: number, local: number): void {
    const { words } = this.#system.region;
    store(words, this.#word, stack);
    store(words, this.#word + 1, local);
  }

  #noted(): number[] {
    const { words } = this.#system.region;
    return [load(words, this.#word) >>> 0, load(words, this.#word + 1) >>> 0];
  }
}

function makeArea(system: System, needs: StaticNeeds, fingerprint: number): number {
  const bytes = HEADER_BYTES + needs.memoryAlignmentBytes + needs.memoryBytes;
  const area = guestBlock(system, bytes);
  store(system.region.words, area >>> 2, fingerprint);
  store(system.region.words, (area >>> 2) + 1, needs.memoryBytes);
  return area;
}

function checkArea(system: System, guest: string, area: number, fingerprint: number): void {
  system.region.cover(area + HEADER_BYTES);
  if (load(system.region.words, area >>> 2) === fingerprint) return;
  const message = `Cannot load this module as guest "${guest}": another module has the name in this system`;
  throw new LookasideError("ERR_GUEST", message);
}

/**
 * Runs `action` with the guest's static memory; the first thread runs it alone, and what it throws leaves
 * the memory as if it had never been.
 * @throws {LookasideError} ERR_GUEST when another module has the name, ERR_LOCK_STALLED when another
 * thread stays the first for too long.
 */
export function withStatics<Result>(
  system: System,
  guest: string,
  needs: StaticNeeds,
  fingerprint: number,
  action: (statics: Statics) => Result,
): Result {
  const { region, routines, thread } = system;
  const annex = routines.annexOf(routines.claim(`guest:${guest}`));
  const known = (): number => load(region.words, annex) >>> 0;
  const join = (area: number): Result => {
    checkArea(system, guest, area, fingerprint);
    return action(new Statics(system, area, needs, false));
  };
  if (known() !== 0) return join(known());
  acquireLock(region.words, annex + 1, thread);
  try {
    if (known() !== 0) return join(known()); // another thread was the first meanwhile
    const area = makeArea(system, needs, fingerprint);
    try {
      const result = action(new Statics(system, area, needs, true));
      store(region.words, annex, area); // publishes the data that the action has initialized
      return result;
    } catch (error) {
      system.pool.free(area, -1);
      throw error;
    }
  } finally {
    releaseLock(region.words, annex + 1);
  }
}
