/**
 * The bridge of one WebAssembly guest in one thread, typed and bound: what `./assembly/bridge.ts` draws.
 */
import { WORD_BYTES } from "../../base/index.js";
import { BRIDGE_BASE64 } from "./bridge-bytes.generated.js";
import { bindEmbedded } from "./embedded.js";

/** A function as WebAssembly imports and exports it. */
type WasmFunction = (...parameters: never[]) => unknown;

/** What a bridge stands between. */
export interface BridgeEnds {
  readonly memory: WebAssembly.Memory;
  /** The guest's functions. */
  readonly table: WebAssembly.Table;
  /** The guest's stack pointer. */
  readonly stackPointer: WebAssembly.Global;
  /** The documented routines in JavaScript, by name: those of {@link Bridge.routines} at least. */
  readonly routines: Readonly<Record<string, WasmFunction>>;
  /** First address that a pointer may have. */
  readonly lowestAddress: number;
  /** Index of this thread's gate word, and of the word that says that the machine has stopped. */
  readonly gateWord: number;
  readonly stateWord: number;
}

/** A bridge: only the thread that bound it may use it. */
export interface Bridge {
  /** The routines that it finishes itself when it can, as exported functions, by name. */
  readonly routines: Readonly<Record<string, WasmFunction>>;
  /** Calls the guest's function at a table index; one of another type, or none, is a trap. */
  callAllocate(index: number, type: number, size: number, tag: number): number;
  callFree(index: number, buffer: number): void;
  callAllocateEx(index: number, type: number, size: number, tag: number, list: number): number;
  callFreeEx(index: number, buffer: number, list: number): void;
  /** The guest's stack pointer, ten times faster than through the global's own value. */
  stack(): number;
  setStack(address: number): void;
  /** From now on every routine is the one in JavaScript. */
  close(): void;
}

interface BridgeExports {
  readonly lowestAddress: WebAssembly.Global;
  readonly gates: WebAssembly.Global;
  readonly state: WebAssembly.Global;
  readonly callAllocate: Bridge["callAllocate"];
  readonly callFree: Bridge["callFree"];
  readonly callAllocateEx: Bridge["callAllocateEx"];
  readonly callFreeEx: Bridge["callFreeEx"];
  readonly stack: Bridge["stack"];
  readonly setStack: Bridge["setStack"];
  readonly memory: WebAssembly.Memory;
  readonly [routine: string]: unknown;
}

/** Higher than every word, entry and header. */
const ABOVE_ALL = 0xffff_ffff;

/** Binds a bridge. About 0.2 ms. @throws {LookasideError} ERR_NO_SHARED_MEMORY */
export function bindBridge(ends: BridgeEnds): Bridge {
  const exports = bindEmbedded(BRIDGE_BASE64, {
    env: { memory: ends.memory, table: ends.table, __stack_pointer: ends.stackPointer },
    routines: ends.routines,
  }) as unknown as BridgeExports;
  const { lowestAddress, gates, state, memory: _, ...functions } = exports;
  const { callAllocate, callFree, callAllocateEx, callFreeEx, stack, setStack, ...routines } =
    functions;
  gates.value = ends.gateWord * WORD_BYTES;
  state.value = ends.stateWord * WORD_BYTES;
  lowestAddress.value = ends.lowestAddress | 0;
  return {
    routines: routines as Record<string, WasmFunction>,
    callAllocate,
    callFree,
    callAllocateEx,
    callFreeEx,
    stack,
    setStack,
    close: () => {
      lowestAddress.value = ABOVE_ALL | 0;
    },
  };
}
