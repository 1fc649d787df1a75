/**
 * A guest's functions as routines of lists.
 *
 * A function pointer of a guest is an index into its function table. All instances of one guest have the same
 * functions at the same indices, so a routine's name is `guest:<name>#<index>`: whichever thread must
 * call it calls the function of its own instance, and need not have seen the list before.
 */
import { LookasideError } from "../../base/index.js";
import type { FindRoutine, Routine } from "../../list/index.js";
import type { Bridge } from "../../memory/index.js";
import type { System } from "../../system/index.js";

/** The functions of one instance. */
export interface FunctionTable {
  /** How many functions the guest has, and the one at an index: null for none. */
  readonly length: number;
  get(index: number): unknown;
  /** Makes the function at an index callable through the bridge. */
  lend(index: number): void;
}

/** What every routine of a guest is named after. */
export function routinePrefix(guest: string): string {
  return `guest:${guest}#`;
}

/** The routines of one instance. */
export class Callbacks {
  readonly #guest: string;
  readonly #system: System;
  readonly #functions: FunctionTable;
  readonly #stop: () => void;
  readonly #handles = new Map<number, number>();
  #bridge: Bridge | null = null;

  /** @throws {LookasideError} ERR_ROUTINE_NAME when this thread has a guest of the name already. */
  constructor(guest: string, system: System, functions: FunctionTable) {
    this.#guest = guest;
    this.#system = system;
    this.#functions = functions;
    this.#stop = system.routines.provide(routinePrefix(guest), this.#find);
  }

  /** From now on the routines can be called: the bridge, which needs the imports, which need this. */
  connect(bridge: Bridge): void {
    this.#bridge = bridge;
  }

  /**
   * The handle of the routine that a function pointer of the guest stands for; 0 for NULL.
   * @throws {LookasideError} ERR_ARGUMENT when there is no function.
   */
  handleOf(caller: string, name: string, index: number): number {
    if (index === 0) return 0;
    const known = this.#handles.get(index);
    if (known !== undefined) return known;
    const { length } = this.#functions;
    if (index >= length || this.#functions.get(index) === null) {
      throw new LookasideError(
        "ERR_ARGUMENT",
        `Cannot call ${caller} with ${index} as ${name}: guest "${this.#guest}" has no such function, ` +
          `its table has ${length} entries`,
      );
    }
    const handle = this.#system.routines.claim(`${routinePrefix(this.#guest)}${index}`);
    this.#handles.set(index, handle);
    return handle;
  }

  /** From now on the routines are missing in this thread. */
  close(): void {
    this.#stop();
  }

  readonly #find: FindRoutine = (rest) => {
    const index = Number(rest);
    const bridge = this.#bridge;
    if (bridge === null || index >= this.#functions.length || this.#functions.get(index) === null)
      return undefined;
    this.#functions.lend(index);
    return routineAt(bridge, index);
  };
}

/** The four kinds of routine have one, two, three and four parameters: that tells them apart. */
function routineAt(bridge: Bridge, index: number): Routine {
  const call = (a: number, b?: number, c?: number, d?: number): number | undefined => {
    if (c === undefined) {
      if (b === undefined) bridge.callFree(index, a);
      else bridge.callFreeEx(index, a, b);
      return undefined;
    }
    return d === undefined
      ? bridge.callAllocate(index, a, b as number, c)
      : bridge.callAllocateEx(index, a, b as number, c, d);
  };
  return (a, b, c, d) => {
    const stack = bridge.stack();
    try {
      return call(a as number, b, c, d);
    } catch (error) {
      bridge.setStack(stack); // what was thrown has left frames on the guest's stack
      throw error;
    }
  };
}
