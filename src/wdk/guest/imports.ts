/**
 * What a guest's module wants, and the object that gives it: every import is looked at before the module is
 * instantiated, so that what is missing is named.
 *
 * | module | name | what it gets |
 * |---|---|---|
 * | any | the memory | the system's |
 * | `lookaside`, `env` | a routine of `signatures.ts` | the routine |
 * | `env` | `__indirect_function_table` | a table with room for the guest's functions |
 * | `env` | `__stack_pointer`, `__memory_base`, `__table_base` | where stack, data and functions begin |
 * | `GOT.func`, `GOT.mem` | a function, a variable | where it lies; settled when the instance is there |
 * | others | | what the options give |
 */
import { LookasideError } from "../../base/index.js";
import { makeGlobal } from "../../memory/index.js";
import type { GuestImports } from "./options.js";
import { isGuestRoutine } from "./signatures.js";

/** What the imports of one instance are made of. */
export interface Supplies {
  readonly guest: string;
  readonly memory: WebAssembly.Memory;
  readonly table: WebAssembly.Table;
  readonly stackPointer: WebAssembly.Global;
  readonly memoryBase: number;
  readonly tableBase: number;
  /** The documented routines by name. */
  readonly routines: Readonly<Record<string, WebAssembly.ImportValue>>;
  readonly others: GuestImports;
}

/** An address that is known only when the instance is there. */
export interface OpenAddress {
  readonly kind: "function" | "variable";
  readonly name: string;
  readonly global: WebAssembly.Global;
}

/** The imports of one instance. */
export interface LinkedImports {
  readonly object: WebAssembly.Imports;
  /** What `GOT.func` and `GOT.mem` wait for. */
  readonly open: readonly OpenAddress[];
}

/** Global offset tables, by the module name under which their entries are imported. */
const OPEN_KINDS: Readonly<Record<string, OpenAddress["kind"]>> = {
  "GOT.func": "function",
  "GOT.mem": "variable",
};

function refuse(guest: string, why: string): never {
  throw new LookasideError("ERR_GUEST", `Cannot load guest "${guest}": ${why}`);
}

function ownValue(
  supplies: Supplies,
  kind: string,
  name: string,
): WebAssembly.ImportValue | undefined {
  if (kind === "function") return isGuestRoutine(name) ? supplies.routines[name] : undefined;
  if (kind === "table") return supplies.table;
  if (name === "__stack_pointer") return supplies.stackPointer;
  if (name === "__memory_base") return makeGlobal(supplies.memoryBase, false);
  if (name === "__table_base") return makeGlobal(supplies.tableBase, false);
  return undefined;
}

/**
 * Links a module's imports.
 * @throws {LookasideError} ERR_GUEST when it has a memory of its own, or wants what nobody has.
 */
export function linkImports(module: WebAssembly.Module, supplies: Supplies): LinkedImports {
  const { guest, memory, others } = supplies;
  const object: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  const open: OpenAddress[] = [];
  const missing: string[] = [];
  let hasMemory = false;
  const give = (from: string, name: string, value: WebAssembly.ImportValue | undefined): void => {
    if (value === undefined) {
      missing.push(`${from}.${name}`);
      return;
    }
    object[from] ??= {};
    object[from][name] = value;
  };
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    const openKind = OPEN_KINDS[from];
    if (kind === "memory") {
      hasMemory = true;
      give(from, name, memory);
    } else if (openKind !== undefined) {
      const global = makeGlobal(0, true);
      open.push({ kind: openKind, name, global });
      give(from, name, global);
    } else if (others[from] !== undefined && Object.hasOwn(others[from], name)) {
      give(from, name, others[from][name]);
    } else {
      const isOwn = from === "lookaside" || from === "env";
      give(from, name, isOwn ? ownValue(supplies, kind, name) : undefined);
    }
  }
  if (!hasMemory) {
    refuse(guest, "it has a memory of its own; link it with --import-memory (or -shared)");
  }
  if (missing.length > 0) {
    refuse(guest, `nobody gives it ${missing.join(", ")}; see the option "imports"`);
  }
  return { object, open };
}
