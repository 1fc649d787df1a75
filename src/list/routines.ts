/**
 * Routines that every thread can call: a name in shared memory, a function in each thread.
 *
 * A function cannot be shared between threads, so a descriptor holds a *handle*, which stands for a record
 * with the routine's name (routine-table.ts). Each thread registers its own function under the same name.
 * A function that is passed without a name has a record while lists name it, and works in its thread alone.
 *
 * Where routines have names by the rule (those of a WebAssembly guest), a thread need not register each:
 * it provides for all names of a prefix, and is asked when one is first called in this thread.
 */
import {
  isWellFormed,
  LookasideError,
  ROUTINE_NAME_BYTES_MAX,
  show,
  utf8Of,
} from "../base/index.js";
import type { Region } from "../memory/index.js";
import { isUnnamed, RoutineTable } from "./routine-table.js";

/** Any routine: the documented callback types are checked where they are declared. */
export type Routine = (...parameters: number[]) => number | undefined;

/** Finds this thread's function by what follows the prefix in its name. */
export type FindRoutine = (rest: string) => Routine | undefined;

/** Adoptions from one sweep of a thread to its next, besides as many as it had functions left then. */
const ADOPTIONS_MIN = 16;

/** One thread's routines. */
export class Routines {
  readonly #table: RoutineTable;
  readonly #thread: number;
  /** This thread in messages and names: its number, and its epoch where a number is not used first. */
  readonly #who: string;
  /** This thread's functions by the place of their record, and the handle that each was given for. */
  readonly #byIndex: (Routine | undefined)[] = [];
  readonly #handleAt: number[] = [];
  /** Its unnamed functions among them. */
  readonly #handles = new Map<Routine, number>();
  readonly #providers = new Map<string, FindRoutine>();
  #anonymous = 0;
  #adoptionsLeft = ADOPTIONS_MIN;

  constructor(region: Region, thread: number, epoch = 0) {
    this.#table = new RoutineTable(region, thread);
    this.#thread = thread;
    this.#who = epoch === 0 ? `${thread}` : `${thread}.${epoch}`;
  }

  /**
   * Registers this thread's function under a name and gives back the handle, the same in every thread.
   * @throws {LookasideError} ERR_ROUTINE_NAME, ERR_ARGUMENT, ERR_ROUTINES_FULL, ERR_LOCK_STALLED
   */
  register(name: string, routine: Routine): number {
    const bytes = this.#bytesOf(name);
    if (typeof routine !== "function") {
      throw new LookasideError(
        "ERR_ARGUMENT",
        `Cannot register ${show(routine)} as ${show(name)}: not a function`,
      );
    }
    const handle = this.#table.claim(bytes);
    this.#remember(handle, routine);
    return handle;
  }

  /**
   * The handle of a name without a function: for what threads share under a name but never call.
   * @throws {LookasideError} ERR_ROUTINE_NAME, ERR_ROUTINES_FULL, ERR_LOCK_STALLED
   */
  claim(name: string): number {
    return this.#table.claim(this.#bytesOf(name));
  }

  /** Index of the first of the two annex words of a claimed name. */
  annexOf(handle: number): number {
    return this.#table.annexOf(handle);
  }

  /**
   * From now on `find` is asked for every routine of a prefix that this thread has not registered. Gives
   * back what ends that, and forgets the routines that were found or registered under the prefix.
   * @throws {LookasideError} ERR_ROUTINE_NAME when this thread provides for the prefix already.
   */
  provide(prefix: string, find: FindRoutine): () => void {
    if (this.#providers.has(prefix)) {
      throw new LookasideError(
        "ERR_ROUTINE_NAME",
        `Cannot provide for ${show(prefix)}: this thread does already`,
      );
    }
    this.#providers.set(prefix, find);
    return () => {
      this.#providers.delete(prefix);
      for (const index of this.#byIndex.keys()) {
        const handle = this.#handleAt[index] ?? 0;
        if (isUnnamed(handle) || this.#byIndex[index] === undefined) continue;
        if (this.nameOf(handle).startsWith(prefix)) this.#byIndex[index] = undefined;
      }
    };
  }

  #bytesOf(name: unknown): Uint8Array {
    if (typeof name !== "string" || name.length === 0 || !isWellFormed(name)) {
      throw new LookasideError(
        "ERR_ROUTINE_NAME",
        `Cannot register ${show(name)}: a name is a text of its own`,
      );
    }
    const bytes = utf8Of(name);
    if (bytes.length > ROUTINE_NAME_BYTES_MAX) {
      throw new LookasideError(
        "ERR_ROUTINE_NAME",
        `Cannot register ${show(name)}: it has ${bytes.length} bytes, ` +
          `and a name has at most ${ROUTINE_NAME_BYTES_MAX}`,
      );
    }
    return bytes;
  }

  /**
   * The handle of a function that is given without a name: this thread alone knows it, and it is good while
   * a list names it. Callers hold the set lock until their list is linked, which may have two routines:
   * `beside` is the handle of the other one.
   * @throws {LookasideError} ERR_ROUTINES_FULL, ERR_LOCK_STALLED
   */
  adopt(routine: Routine, beside = 0): number {
    const known = this.#handles.get(routine);
    if (known !== undefined && this.#table.has(known)) return known;
    if (this.#adoptionsLeft-- <= 0) this.#sweep(beside);
    this.#anonymous++;
    const name = `${routine.name || "anonymous"} (unnamed ${this.#anonymous} of thread ${this.#who})`;
    const short = name.length > 100 ? name.slice(-100) : name;
    const handle = this.#table.adopt(utf8Of(short.replace(/[^ -~]/g, "?")), beside);
    this.#remember(handle, routine);
    this.#handles.set(routine, handle);
    return handle;
  }

  /** Gives up what no list names any more, so that a thread keeps no function that it can never call. */
  #sweep(beside: number): void {
    this.#table.sweep(beside);
    for (const [routine, handle] of this.#handles) {
      if (!this.#table.has(handle)) this.#forget(routine, handle);
    }
    this.#adoptionsLeft = ADOPTIONS_MIN + this.#handles.size;
  }

  #forget(routine: Routine, handle: number): void {
    this.#handles.delete(routine);
    const index = this.#table.indexOf(handle);
    if (this.#handleAt[index] === handle) this.#byIndex[index] = undefined;
  }

  /** From now on a handle is that of this function; another one of its record is no more. */
  #remember(handle: number, routine: Routine): void {
    const index = this.#table.indexOf(handle);
    const former = this.#byIndex[index];
    if (former !== undefined && this.#handles.get(former) === this.#handleAt[index])
      this.#handles.delete(former);
    this.#byIndex[index] = routine;
    this.#handleAt[index] = handle;
  }

  /** Whether a value is the handle of a routine. */
  isHandle(handle: number): boolean {
    return this.#table.has(handle);
  }

  /**
   * This thread's function for a handle.
   * @throws {LookasideError} ERR_ROUTINE_MISSING, naming the routine and the thread.
   */
  resolve(handle: number): Routine {
    const index = this.#table.indexOf(handle);
    const routine = this.#byIndex[index];
    if (routine !== undefined && this.#handleAt[index] === handle) return routine;
    const name = this.#table.nameOf(handle);
    const found = name === null || isUnnamed(handle) ? undefined : this.#find(name);
    if (found !== undefined) {
      this.#remember(handle, found);
      return found;
    }
    const what = name === null ? `pointer ${handle}` : `routine ${show(name)}`;
    throw new LookasideError(
      "ERR_ROUTINE_MISSING",
      `Cannot call ${what}: thread ${this.#thread} has not registered it`,
    );
  }

  #find(name: string): Routine | undefined {
    for (const [prefix, find] of this.#providers) {
      const routine = name.startsWith(prefix) ? find(name.slice(prefix.length)) : undefined;
      if (routine !== undefined) return routine;
    }
    return undefined;
  }

  /** The name behind a handle; empty when it is none. */
  nameOf(handle: number): string {
    return this.#table.nameOf(handle) ?? "";
  }
}
