/**
 * Routines that every thread can call: a name in shared memory, a function in each thread.
 *
 * A function cannot be shared between threads, so a descriptor holds a *handle*: the address of the
 * record that holds the routine's name. Each thread registers its own function under the same name.
 *
 * ```
 *   record of 128 bytes, at routines + 128 * index
 *        +-----------------+------------------------------------+-------------+
 *        | bytes of name   | the name in UTF-8, to byte 120     | annex       |
 *        +-----------------+------------------------------------+-------------+
 *   written once, under the routine lock: the name first, its length last; read by anyone. The annex,
 *   two words, is 0 at first and belongs to whoever claimed the name.
 * ```
 *
 * The second word of an annex is an owner lock, if it is used at all: recovery releases it with the others.
 *
 * Where routines have names by the rule (those of a WebAssembly guest), a thread need not register each:
 * it provides for all names of a prefix, and is asked when one is first called in this thread.
 */
import {
  LookasideError,
  ROUTINE_NAME_BYTES_MAX,
  ROUTINES_MAX,
  show,
  textOfUtf8,
  utf8Of,
} from "../base/index.js";
import { acquireLock, HEADER, load, type Region, releaseLock, store } from "../memory/index.js";

/** Any routine: the documented callback types are checked where they are declared. */
export type Routine = (...parameters: number[]) => number | undefined;

/** Finds this thread's function by what follows the prefix in its name. */
export type FindRoutine = (rest: string) => Routine | undefined;

/** Words from the start of a record to its annex. */
const ANNEX = 30;

/** Index of the owner lock in the annex of every name that is in use. */
export function annexLocks(region: Region): number[] {
  const { routinesByte, routineBytes } = region.layout;
  const locks: number[] = [];
  for (let index = 0; index < ROUTINES_MAX; index++) {
    const word = (routinesByte + index * routineBytes) >>> 2;
    if (load(region.words, word) === 0) break;
    locks.push(word + ANNEX + 1);
  }
  return locks;
}

/** One thread's routines. */
export class Routines {
  readonly #region: Region;
  readonly #thread: number;
  /** This thread in messages and names: its number, and its epoch where a number is not used first. */
  readonly #who: string;
  readonly #byIndex: (Routine | undefined)[] = [];
  readonly #handles = new Map<Routine, number>();
  readonly #providers = new Map<string, FindRoutine>();
  #anonymous = 0;

  constructor(region: Region, thread: number, epoch = 0) {
    this.#region = region;
    this.#thread = thread;
    this.#who = epoch === 0 ? `${thread}` : `${thread}.${epoch}`;
  }

  /**
   * Registers this thread's function under a name and gives back the handle, the same in every thread.
   * @throws {LookasideError} ERR_ROUTINE_NAME, ERR_ARGUMENT, ERR_ROUTINES_FULL
   */
  register(name: string, routine: Routine): number {
    const bytes = this.#bytesOf(name);
    if (typeof routine !== "function") {
      throw new LookasideError(
        "ERR_ARGUMENT",
        `Cannot register ${show(routine)} as ${show(name)}: not a function`,
      );
    }
    const index = this.#indexOf(bytes);
    this.#byIndex[index] = routine;
    return this.#handleOf(index);
  }

  /**
   * The handle of a name without a function: for what threads share under a name but never call.
   * @throws {LookasideError} ERR_ROUTINE_NAME, ERR_ROUTINES_FULL
   */
  claim(name: string): number {
    return this.#handleOf(this.#indexOf(this.#bytesOf(name)));
  }

  /** Index of the first of the two annex words of a record. */
  annexOf(handle: number): number {
    return (handle >>> 2) + ANNEX;
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
        const registered = this.#byIndex[index] !== undefined;
        if (registered && this.nameOf(this.#handleOf(index)).startsWith(prefix)) {
          this.#byIndex[index] = undefined;
        }
      }
    };
  }

  #bytesOf(name: unknown): Uint8Array {
    if (typeof name !== "string" || name.length === 0) {
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

  /** The handle of a function that was given without a name: this thread alone knows it. */
  adopt(routine: Routine): number {
    const known = this.#handles.get(routine);
    if (known !== undefined) return known;
    this.#anonymous++;
    const name = `${routine.name || "anonymous"} (unnamed ${this.#anonymous} of thread ${this.#who})`;
    const short = name.length > 100 ? name.slice(-100) : name;
    const handle = this.register(short.replace(/[^ -~]/g, "?"), routine);
    this.#handles.set(routine, handle);
    return handle;
  }

  /** Whether a value is the handle of a registered name. */
  isHandle(handle: number): boolean {
    const { routinesByte, routineBytes } = this.#region.layout;
    const index = (handle - routinesByte) / routineBytes;
    if (!Number.isInteger(index) || index < 0 || index >= ROUTINES_MAX) return false;
    return load(this.#region.words, handle >>> 2) !== 0;
  }

  /**
   * This thread's function for a handle.
   * @throws {LookasideError} ERR_ROUTINE_MISSING, naming the routine and the thread.
   */
  resolve(handle: number): Routine {
    const { routinesByte, routineBytes } = this.#region.layout;
    const index = (handle - routinesByte) / routineBytes;
    const routine = this.#byIndex[index];
    if (routine !== undefined) return routine;
    if (this.isHandle(handle)) {
      const found = this.#find(this.nameOf(handle));
      if (found !== undefined) {
        this.#byIndex[index] = found;
        return found;
      }
    }
    const what = this.isHandle(handle)
      ? `routine ${show(this.nameOf(handle))}`
      : `pointer ${handle}`;
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

  /** The name behind a handle. */
  nameOf(handle: number): string {
    const region = this.#region;
    const length = load(region.words, handle >>> 2);
    const copy = new Uint8Array(length);
    for (let at = 0; at < length; at++) {
      copy[at] = (load(region.words, (handle + 4 + at) >>> 2) >>> ((at & 3) * 8)) & 0xff;
    }
    return textOfUtf8(copy);
  }

  #handleOf(index: number): number {
    return this.#region.layout.routinesByte + index * this.#region.layout.routineBytes;
  }

  #indexOf(name: Uint8Array): number {
    const { words } = this.#region;
    acquireLock(words, HEADER.ROUTINE_LOCK, this.#thread);
    try {
      for (let index = 0; index < ROUTINES_MAX; index++) {
        const word = this.#handleOf(index) >>> 2;
        const length = load(words, word);
        if (length === 0) {
          this.#write(word, name);
          return index;
        }
        if (length === name.length && this.#holds(word, name)) return index;
      }
    } finally {
      releaseLock(words, HEADER.ROUTINE_LOCK);
    }
    throw new LookasideError(
      "ERR_ROUTINES_FULL",
      `Cannot register a routine: all ${ROUTINES_MAX} names are taken`,
    );
  }

  #wordOfName(name: Uint8Array, at: number): number {
    let word = 0;
    for (let byte = 0; byte < 4; byte++) word |= (name[at + byte] ?? 0) << (byte * 8);
    return word;
  }

  #holds(word: number, name: Uint8Array): boolean {
    for (let at = 0; at < name.length; at += 4) {
      if (load(this.#region.words, word + 1 + at / 4) !== this.#wordOfName(name, at)) return false;
    }
    return true;
  }

  #write(word: number, name: Uint8Array): void {
    for (let at = 0; at < name.length; at += 4) {
      store(this.#region.words, word + 1 + at / 4, this.#wordOfName(name, at));
    }
    store(this.#region.words, word, name.length); // publishes the record
  }
}
