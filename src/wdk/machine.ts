/**
 * The machine of this thread: ambient, like the kernel that it stands for.
 *
 * `boot` makes a system or attaches to one; after that the documented routines are plain functions. The two
 * gates are what a hot path looks at, and all it looks at: a gate is closed when a routine of its
 * family must take the careful way (not booted, stopped, checked mode, or an IRQL that the family does
 * not allow).
 */
import { LookasideError } from "../base/index.js";
import type { Routine } from "../list/index.js";
import {
  CAREFUL_STOPPED,
  compareExchange,
  HEADER,
  type Interlocked,
  load,
  or,
  peek,
  poke,
  type Region,
  store,
  type Words,
} from "../memory/index.js";
import { claimAccount, type Pool } from "../pool/index.js";
import type { System } from "../system/index.js";
import { GATE_CHECKED, GATE_NONPAGED, GATE_PAGED, gateWord, isAlive } from "../threads/index.js";
import { APC_LEVEL, DISPATCH_LEVEL, PASSIVE_LEVEL } from "./constants.js";
import { BugCheck, type BugCheckParameters } from "./raise.js";
import { closeShortWays, SHORT_WAYS } from "./short-ways.js";

/** Bits of HEADER.MODE. */
export const MODE_CHECKED = 1;
export const MODE_CONTINUE = 2;

/** The word that says whether the machine has stopped, and its value when it has. */
const STATE = HEADER.STATE;
const STOPPED = 2;

/** The same while the thread that won it writes the code. */
const STOPPING = 3;

/** The defaults of a list: ExAllocatePoolWithTag, ExFreePool, ExAllocatePoolWithQuotaTag. */
export type DefaultRoutines = readonly [Routine, Routine, Routine];

/** This thread's machine. */
export class Machine {
  irql: number = PASSIVE_LEVEL;
  readonly checked: boolean;
  readonly system: System;
  /** Parts of the system, kept here so that a hot path loads them from one object. */
  readonly take: Interlocked["take"];
  readonly park: Interlocked["park"];
  readonly pool: Pool;
  readonly region: Region;
  readonly words: Words;
  /** Quota account of this thread: see pool/accounts.ts. */
  readonly account: number;
  /** Handles of the default routines. */
  readonly defaultAllocate: number;
  readonly defaultFree: number;
  readonly defaultQuotaAllocate: number;
  /** Lists initialized while a driver scope is open in this thread. */
  driver: { readonly lists: Set<number> } | null = null;
  /** The bug check that this thread came to: from then on it is refused, whoever stops the machine. */
  lastCheck: BugCheck | null = null;
  /** How many lists this thread has deleted: whoever deletes one sees whether a Free routine was faster. */
  listsDeleted = 0;

  constructor(system: System, checked: boolean, defaults: DefaultRoutines) {
    this.system = system;
    this.checked = checked;
    this.take = system.region.interlocked.take;
    this.park = system.region.interlocked.park;
    this.pool = system.pool;
    this.region = system.region;
    this.words = system.region.words;
    const { region, identity } = system;
    this.account = claimAccount(region, identity, (owner) => isAlive(region, owner));
    this.defaultAllocate = system.routines.register("ExAllocatePoolWithTag", defaults[0]);
    this.defaultFree = system.routines.register("ExFreePool", defaults[1]);
    this.defaultQuotaAllocate = system.routines.register("ExAllocatePoolWithQuotaTag", defaults[2]);
  }

  /** Sets this thread's level and, with it, the gates. */
  setIrql(irql: number): void {
    this.irql = irql;
    const careful = this.checked || this.stopped;
    SHORT_WAYS.gateNonpaged = careful || irql > DISPATCH_LEVEL;
    SHORT_WAYS.gatePaged = careful || irql > APC_LEVEL;
    const { region, thread } = this.system;
    const word =
      (SHORT_WAYS.gateNonpaged ? GATE_NONPAGED : 0) |
      (SHORT_WAYS.gatePaged ? GATE_PAGED : 0) |
      (this.checked ? GATE_CHECKED : 0);
    poke(region.words, gateWord(region, thread), word);
  }

  /**
   * Whether a bug check has stopped the machine. A plain look, for it is made in every call: a thread that
   * learned of the stop in any other way sees it, and the others do at one of their next calls.
   */
  get stopped(): boolean {
    return this.lastCheck !== null || peek(this.words, STATE) === STOPPED;
  }
}

let current: Machine | null = null;

/**
 * This thread's machine.
 * @throws {LookasideError} ERR_NOT_ATTACHED before `boot`. @throws {BugCheck} after a bug check stopped it.
 */
export function machine(): Machine {
  if (current === null) {
    throw new LookasideError(
      "ERR_NOT_ATTACHED",
      "Cannot call the documented routines: boot() comes first",
    );
  }
  if (current.stopped) throw stopError(current);
  return current;
}

/** Makes a system this thread's machine. `boot` alone calls it. */
export function enter(system: System, defaults: DefaultRoutines): void {
  const mode = load(system.region.words, HEADER.MODE);
  current = new Machine(system, (mode & MODE_CHECKED) !== 0, defaults);
  SHORT_WAYS.take = current.take;
  SHORT_WAYS.park = current.park;
  SHORT_WAYS.pool = current.pool;
  SHORT_WAYS.lowest = system.region.layout.dataByte;
  current.setIrql(PASSIVE_LEVEL); // opens the gates
}

/** Leaves this thread without a machine. Gives back the system it had. `shutdown` alone calls it. */
export function leave(): System | null {
  const system = current?.system ?? null;
  current = null;
  closeShortWays();
  return system;
}

/**
 * Whether this thread has a machine.
 *
 * @example
 * ```ts
 * console.log(isBooted()); // false
 * boot();
 * console.log(isBooted()); // true
 * shutdown();
 * ```
 */
export function isBooted(): boolean {
  return current !== null;
}

function stopError({ words, lastCheck }: Machine): BugCheck {
  // The look that led here was plain: only after this one the code is there to be read.
  if (load(words, STATE) !== STOPPED && lastCheck !== null) return lastCheck;
  const word = (index: number): number => load(words, HEADER.STOP_CODE + index) >>> 0;
  return new BugCheck(word(0), [word(1), word(2), word(3), word(4)], "The machine has stopped");
}

/**
 * Stops the machine and throws the bug check. The first one of a system is the one that is remembered.
 */
export function bugCheck(code: number, parameters: BugCheckParameters, message: string): never {
  const check = new BugCheck(code, parameters, message);
  if (current !== null) {
    const { words } = current.system.region;
    const goesOn = (load(words, HEADER.MODE) & MODE_CONTINUE) !== 0;
    if (!goesOn && compareExchange(words, HEADER.STATE, 0, STOPPING) === 0) {
      store(words, HEADER.STOP_CODE, code);
      parameters.forEach((value, index) => {
        store(words, HEADER.STOP_CODE + 1 + index, value | 0);
      });
      or(words, HEADER.CAREFUL, CAREFUL_STOPPED);
      store(words, HEADER.STATE, STOPPED); // last: whoever sees it finds the code
    }
    if (!goesOn) current.lastCheck = check;
    current.setIrql(current.irql);
  }
  throw check;
}
