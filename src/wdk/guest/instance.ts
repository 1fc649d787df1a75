/**
 * One instance of a guest: its parts put together, in the order that the convention of dynamic linking asks
 * for.
 *
 * ```
 *   1 table, stack, routines, bridge
 *   2 static memory: the first instance goes through the next three steps alone (statics.ts)
 *   3 the instance itself: its start function copies its data, once for all threads
 *   4 open addresses
 *   5 the first instance: data relocations, constructors
 *   6 thread-local data
 * ```
 */
import { LookasideError } from "../../base/index.js";
import {
  type Bridge,
  bindBridge,
  HEADER,
  instantiate,
  makeGlobal,
  makeTable,
  peek,
} from "../../memory/index.js";
import type { System } from "../../system/index.js";
import { GATE_CHECKED, gateWord } from "../../threads/index.js";
import { typed } from "./adapter.js";
import { Callbacks, type FunctionTable } from "./callbacks.js";
import { type StaticNeeds, staticNeeds } from "./dylink.js";
import { type LinkedImports, linkImports } from "./imports.js";
import type { CompleteGuestOptions } from "./options.js";
import { type Importer, routinesFor } from "./routines.js";
import { isGuestRoutine } from "./signatures.js";
import { GuestStack } from "./stack.js";
import { fingerprintOf, guestBlock, type Statics, withStatics } from "./statics.js";

/** What an instance consists of. */
export interface GuestParts {
  readonly importer: Importer;
  readonly exports: WebAssembly.Exports;
  readonly bridge: Bridge;
  /** Its stack and its static memory, unless it has no data of its own. */
  readonly stack: GuestStack | null;
  readonly statics: Statics | null;
  /** First address of its static memory. */
  readonly memoryBase: number;
  /** The block of its thread-local data, or 0. */
  readonly threadBlock: number;
}

/** Functions that a table has room for when nobody says how many are needed. */
const TABLE_FUNCTIONS = 4_096;

const NO_NEEDS: StaticNeeds = {
  memoryBytes: 0,
  memoryAlignmentBytes: 16,
  tableFunctions: TABLE_FUNCTIONS,
  tableAlignment: 1,
  libraries: [],
};

function refuse(guest: string, why: string, cause?: unknown): never {
  const message = `Cannot load guest "${guest}": ${why}`;
  throw new LookasideError("ERR_GUEST", message, cause === undefined ? undefined : { cause });
}

function needsOf(module: WebAssembly.Module, options: CompleteGuestOptions): StaticNeeds {
  if (!options.isRelocatable) return NO_NEEDS;
  const needs = staticNeeds(module);
  if (needs === null) {
    const how = "link it with wasm-ld -shared --experimental-pic";
    return refuse(
      options.name,
      `it is not relocatable; ${how}, or say data: "none" if it has no data, stack or heap of its own`,
    );
  }
  if (needs.libraries.length > 0) {
    refuse(options.name, `it needs other libraries (${needs.libraries.join(", ")}): link them in`);
  }
  return needs;
}

/** The guest's own table when it exports one; its functions are lent to ours, which the bridge calls. */
class Functions implements FunctionTable {
  readonly #ours: WebAssembly.Table;
  #theirs: WebAssembly.Table | null = null;

  constructor(ours: WebAssembly.Table) {
    this.#ours = ours;
  }

  look(exports: WebAssembly.Exports): void {
    const exported = exports["__indirect_function_table"] ?? exports["table"];
    if (exported instanceof WebAssembly.Table && exported !== this.#ours) this.#theirs = exported;
  }

  get length(): number {
    return (this.#theirs ?? this.#ours).length;
  }

  get(index: number): unknown {
    return (this.#theirs ?? this.#ours).get(index);
  }

  lend(index: number): void {
    if (this.#theirs === null) return;
    if (index >= this.#ours.length) this.#ours.grow(index + 1 - this.#ours.length);
    this.#ours.set(index, this.#theirs.get(index));
  }
}

/** Puts the addresses in place that only an instance can tell. */
function settleAddresses(
  guest: string,
  linked: LinkedImports,
  exports: WebAssembly.Exports,
  parts: { bridge: Bridge; routines: object; table: WebAssembly.Table; memoryBase: number },
): void {
  const { bridge, table, memoryBase } = parts;
  const routines = parts.routines as Record<string, WebAssembly.ImportValue>;
  for (const { kind, name, global } of linked.open) {
    const own = exports[name];
    if (kind === "variable") {
      if (!(own instanceof WebAssembly.Global))
        refuse(guest, `nobody gives it the variable ${name}`);
      global.value = memoryBase + own.value;
      continue;
    }
    const routine = isGuestRoutine(name)
      ? (bridge.routines[name] ??
        typed({ [name]: routines[name] as WebAssembly.ImportValue })[name])
      : own;
    if (typeof routine !== "function") refuse(guest, `nobody gives it the function ${name}`);
    global.value = table.grow(1);
    table.set(global.value, routine);
  }
}

function call(exports: WebAssembly.Exports, name: string, ...parameters: number[]): void {
  const exported = exports[name];
  if (typeof exported === "function") exported(...parameters);
}

function startThreadData(system: System, exports: WebAssembly.Exports): number {
  const { __tls_size: size, __tls_align: align, __wasm_init_tls: start } = exports;
  if (!(size instanceof WebAssembly.Global) || typeof start !== "function") return 0;
  if (size.value === 0) return 0;
  const alignment = align instanceof WebAssembly.Global ? Number(align.value) : 16;
  const block = guestBlock(system, Number(size.value) + alignment);
  start(Math.ceil(block / alignment) * alignment);
  return block;
}

/** Makes the instance; what the host says of a module that does not fit becomes one error of ours. */
function instanceOf(
  guest: string,
  module: WebAssembly.Module,
  imports: WebAssembly.Imports,
): WebAssembly.Exports {
  try {
    return instantiate(module, imports).exports;
  } catch (cause) {
    if (!(cause instanceof WebAssembly.LinkError)) throw cause;
    const how = "a shared memory is linked with --shared-memory --max-memory=4294967296";
    return refuse(guest, `it does not fit: ${cause.message} (${how})`, cause);
  }
}

/** What an instance has before its static memory is known. */
interface Surroundings {
  readonly system: System;
  readonly module: WebAssembly.Module;
  readonly options: CompleteGuestOptions;
  readonly table: WebAssembly.Table;
  readonly tableBase: number;
  readonly functions: Functions;
  readonly importer: Importer;
  readonly stack: GuestStack | null;
}

function surround(
  system: System,
  module: WebAssembly.Module,
  options: CompleteGuestOptions,
  needs: StaticNeeds,
): Surroundings {
  const tableBase = needs.tableAlignment;
  const table = makeTable(tableBase + needs.tableFunctions);
  const functions = new Functions(table);
  const callbacks = new Callbacks(options.name, system, functions);
  const importer: Importer = {
    name: options.name,
    system,
    survivesRaises: options.survivesRaises,
    callbacks,
    print: options.print,
    closed: false,
    raisedStatus: 0,
  };
  try {
    const stack = options.isRelocatable ? new GuestStack(system, options.stackBytes) : null;
    return { system, module, options, table, tableBase, functions, importer, stack };
  } catch (error) {
    callbacks.close();
    throw error;
  }
}

/** No pointer is as high: a bridge with it passes every call on. */
const ABOVE_ALL = 0xffff_ffff;

/** Whether calls of this thread are checked, so that none may be finished in the bridge. */
function isChecked({ region, thread }: System): boolean {
  return (peek(region.words, gateWord(region, thread)) & GATE_CHECKED) !== 0;
}

/** Steps 3 to 6. */
function bringUp(surroundings: Surroundings, statics: Statics | null): GuestParts {
  const { system, module, options, table, tableBase, functions, importer, stack } = surroundings;
  const { region, thread } = system;
  const memoryBase = statics?.base ?? 0;
  const isFirst = statics?.isFirst ?? false;
  const stackPointer = makeGlobal((stack?.top ?? 0) | 0, true);
  const routines = routinesFor(importer);
  const bridge = bindBridge({
    memory: region.memory,
    table,
    stackPointer,
    routines,
    lowestAddress: isChecked(system) ? ABOVE_ALL : region.layout.dataByte,
    gateWord: gateWord(region, thread),
    stateWord: HEADER.STATE,
  });
  importer.callbacks.connect(bridge);
  const linked = linkImports(module, {
    guest: options.name,
    memory: region.memory,
    table,
    stackPointer,
    memoryBase,
    tableBase,
    routines: { ...routines, ...bridge.routines },
    others: options.imports,
  });
  const exports = instanceOf(options.name, module, linked.object);
  functions.look(exports);
  settleAddresses(options.name, linked, exports, { bridge, routines, table, memoryBase });
  if (isFirst) call(exports, "__wasm_apply_data_relocs");
  const threadBlock = startThreadData(system, exports);
  try {
    if (isFirst) call(exports, "__wasm_call_ctors");
  } catch (error) {
    if (threadBlock !== 0) system.pool.free(threadBlock, -1);
    throw error;
  }
  statics?.note(stack?.block ?? 0, threadBlock);
  return { importer, bridge, stack, statics, exports, memoryBase, threadBlock };
}

/**
 * Makes an instance of a module in this thread.
 * @throws {LookasideError} ERR_GUEST when it does not fit. @throws {StatusError} when the pool has no room.
 */
export function makeInstance(
  system: System,
  module: WebAssembly.Module,
  options: CompleteGuestOptions,
): GuestParts {
  const needs = needsOf(module, options);
  const surroundings = surround(system, module, options, needs);
  try {
    if (!options.isRelocatable) return bringUp(surroundings, null);
    return withStatics(system, options.name, needs, fingerprintOf(module), (statics) =>
      bringUp(surroundings, statics),
    );
  } catch (error) {
    const { importer, stack } = surroundings;
    importer.closed = true;
    importer.callbacks.close();
    stack?.free();
    throw error;
  }
}
