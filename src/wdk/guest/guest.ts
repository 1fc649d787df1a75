/**
 * A loaded guest, as the TypeScript of its thread sees it.
 */
import { LookasideError, show } from "../../base/index.js";
import { compileModule } from "../../memory/index.js";
import { system } from "../index.js";
import { type GuestParts, makeInstance } from "./instance.js";
import { completeGuestOptions, type GuestOptions } from "./options.js";

/** A function that a guest exports. Pointers come back signed: `>>> 0` makes them addresses. */
export type GuestFunction = (
  ...parameters: readonly (number | bigint)[]
) => number | bigint | undefined;

/** What a guest exports when nothing more is known of it. */
export type GuestFunctions = Readonly<Record<string, GuestFunction>>;

/**
 * A guest in this thread.
 *
 * Whatever its functions throw, a raise, a bug check, a trap, or what a callback in TypeScript threw, comes
 * to the caller as the object that was thrown; the guest's stack is put back, and it can be called again.
 */
export class Guest<Functions extends object = GuestFunctions> {
  readonly name: string;
  /** The functions that the guest exports. */
  readonly functions: Functions;
  readonly #parts: GuestParts;
  readonly #stayAttached: () => void;
  #depth = 0;

  constructor(name: string, parts: GuestParts) {
    this.name = name;
    this.#parts = parts;
    const exported = Object.entries(parts.exports).flatMap(([key, value]) =>
      typeof value === "function" && !key.startsWith("__wasm_")
        ? [[key, this.#enclose(key, value as GuestFunction)] as const]
        : [],
    );
    this.functions = Object.fromEntries(exported) as Functions;
    this.#stayAttached = parts.importer.system.whenDetached(() => this.#close());
  }

  /**
   * The handle of the routine at an index of the guest's function table, for a list that TypeScript
   * initializes: a function pointer of the guest, as one of its functions gives it back.
   * @throws {LookasideError} ERR_ARGUMENT when there is no such function, ERR_GUEST when it is unloaded.
   */
  routine(index: number): number {
    this.#demandOpen("routine()");
    if (!Number.isInteger(index)) {
      const message = `Cannot call routine() with ${show(index)} as the index: a whole number is needed`;
      throw new LookasideError("ERR_ARGUMENT", message);
    }
    return this.#parts.importer.callbacks.handleOf("routine()", "the index", index >>> 0);
  }

  /**
   * The address of a variable that the guest exports. The same in all threads.
   * @throws {LookasideError} ERR_ARGUMENT when it exports no such variable.
   */
  addressOf(variable: string): number {
    const exported = this.#parts.exports[variable];
    if (exported instanceof WebAssembly.Global) return this.#parts.memoryBase + exported.value;
    const message = `Cannot find ${show(variable)}: guest "${this.name}" exports no such variable`;
    throw new LookasideError("ERR_ARGUMENT", message);
  }

  /**
   * Ends the guest in this thread. Its static memory stays, and its lists; this thread can no longer call its
   * routines. May be called twice.
   * @throws {LookasideError} ERR_GUEST from inside one of its own calls.
   */
  unload(): void {
    if (this.#depth > 0) {
      throw new LookasideError("ERR_GUEST", `Cannot unload guest "${this.name}": it is running`);
    }
    this.#close();
  }

  [Symbol.dispose](): void {
    this.unload();
  }

  #close(): void {
    const { importer, bridge, stack, statics, threadBlock } = this.#parts;
    if (importer.closed) return;
    importer.closed = true;
    bridge.close();
    importer.callbacks.close();
    this.#stayAttached();
    statics?.note(0, 0);
    // In the middle of a call the stack is in use: then it stays, and the guest can only return.
    if (this.#depth > 0) return;
    stack?.free();
    if (threadBlock !== 0) importer.system.pool.free(threadBlock, -1);
  }

  #demandOpen(name: string): void {
    if (!this.#parts.importer.closed) return;
    const message = `Cannot call ${name}: guest "${this.name}" has been unloaded from this thread`;
    throw new LookasideError("ERR_GUEST", message);
  }

  #enclose(name: string, inner: GuestFunction): GuestFunction {
    const { bridge, stack, importer } = this.#parts;
    return (...parameters) => {
      this.#demandOpen(name);
      const before = bridge.stack();
      this.#depth++;
      try {
        const result = inner(...parameters);
        if (this.#depth === 1 && !importer.closed) stack?.check();
        return result;
      } catch (error) {
        bridge.setStack(before); // what was thrown has left frames on the guest's stack
        throw error;
      } finally {
        this.#depth--;
      }
    };
  }
}

/** What a guest is loaded from. */
export type GuestSource = WebAssembly.Module | ArrayBuffer | Uint8Array<ArrayBuffer>;

async function moduleOf(source: unknown, guest: string): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  if (!(source instanceof ArrayBuffer) && !(source instanceof Uint8Array)) {
    const message = `Cannot load ${show(source)} as guest "${guest}": a module or its bytes are needed`;
    throw new LookasideError("ERR_GUEST", message);
  }
  try {
    return await compileModule(source as BufferSource);
  } catch (cause) {
    const message = `Cannot load guest "${guest}": it is no WebAssembly module (${String(cause)})`;
    throw new LookasideError("ERR_GUEST", message, { cause });
  }
}

/**
 * Loads a WebAssembly module into this thread's machine: it shares the memory, and imports the documented
 * routines from the module `lookaside`. A module that is compiled once can be posted to other threads.
 *
 * @example
 * ```ts
 * boot();
 * interface Driver {
 *   start(): number;
 *   work(record: number, rounds: number, burst: number): number;
 *   stop(record: number): void;
 * }
 * const guest = await loadGuest<Driver>(await readFile("driver.wasm"), { name: "driver" });
 * const { start, work, stop } = guest.functions; // what the module exports
 * const record = start();
 * console.log(work(record, 1000, 4)); // 0
 * stop(record);
 * guest.unload();
 * shutdown();
 * ```
 * @throws {LookasideError} ERR_GUEST when the module does not fit, ERR_OPTION, ERR_NOT_ATTACHED,
 * ERR_ROUTINE_NAME when this thread has a guest of the name. @throws {StatusError} when the pool has no
 * room for its memory.
 */
export async function loadGuest<Functions extends object = GuestFunctions>(
  source: GuestSource,
  options: GuestOptions,
): Promise<Guest<Functions>> {
  const complete = completeGuestOptions(options);
  const before = system();
  const module = await moduleOf(source, complete.name);
  const here = system();
  if (here !== before) {
    const message = `Cannot load guest "${complete.name}": this thread has changed systems meanwhile`;
    throw new LookasideError("ERR_GUEST", message);
  }
  return new Guest<Functions>(complete.name, makeInstance(here, module, complete));
}
