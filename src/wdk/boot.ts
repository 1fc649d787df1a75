/**
 * Starting and leaving this thread's machine.
 */
import {
  type ByteSize,
  bytesOf,
  CHUNK_BYTES,
  LookasideError,
  onlyKnown,
  POOL_BYTES_MAX,
  show,
  truthValue,
} from "../base/index.js";
import type { Routine } from "../list/index.js";
import { HEADER, store } from "../memory/index.js";
import { completeLowResources, type LowResourcesOptions, simulateIn } from "../pool/index.js";
import { type DepthTuning, System, type SystemOptions } from "../system/index.js";
import { isTicket, type Ticket } from "../threads/index.js";
import {
  type DefaultRoutines,
  enter,
  isBooted,
  leave,
  MODE_CHECKED,
  MODE_CONTINUE,
  machine,
} from "./machine.js";
import { ExAllocatePoolWithQuotaTag, ExAllocatePoolWithTag, ExFreePool } from "./pool.js";

const DEFAULTS: DefaultRoutines = [
  ExAllocatePoolWithTag as Routine,
  ExFreePool as Routine,
  ExAllocatePoolWithQuotaTag as Routine,
];

/** What a machine is booted with. */
export interface BootOptions {
  /**
   * Limit of the nonpaged pool in bytes, or text such as "64 MiB"; whole chunks of 64 KiB. Default 64 MiB.
   */
  readonly nonPagedPoolBytes?: ByteSize;
  /** Limit of the paged pool, likewise. Default 16 MiB. */
  readonly pagedPoolBytes?: ByteSize;
  /** Checked mode: misuse is found and reported as Driver Verifier does. Default false. */
  readonly checked?: boolean;
  /** After a bug check: "stop" refuses all work (default), "continue" refuses only the call, for tests. */
  readonly bugChecks?: "stop" | "continue";
  /** Threads that can be attached at a time: 1 to 255. Default 64. */
  readonly threads?: number;
  /** Bytes each thread may hold through allocations that charge its quota. Default: no limit. */
  readonly quota?: { readonly nonPaged?: ByteSize; readonly paged?: ByteSize };
  /**
   * Depth tuning: period, cadence and the constants of the rule. `periodMs: 0` is a clock moved by hand.
   */
  readonly depth?: DepthTuning;
  /** Low-resource simulation in every thread of the machine. Default: none. */
  readonly lowResources?: LowResourcesOptions;
}

const BOOT_OPTIONS = [
  "nonPagedPoolBytes",
  "pagedPoolBytes",
  "checked",
  "bugChecks",
  "threads",
  "quota",
  "depth",
  "lowResources",
];

/** The limit of a pool in bytes, told by the name that it has here if it is none. */
function poolLimit(name: string, value: ByteSize | undefined): number | undefined {
  return value === undefined ? undefined : bytesOf(name, value, CHUNK_BYTES, POOL_BYTES_MAX);
}

function systemOptions(options: BootOptions): SystemOptions {
  const { threads, quota, depth } = options;
  const nonPaged = poolLimit("nonPagedPoolBytes", options.nonPagedPoolBytes ?? undefined);
  const paged = poolLimit("pagedPoolBytes", options.pagedPoolBytes ?? undefined);
  return {
    ...(nonPaged === undefined ? {} : { nonPaged }),
    ...(paged === undefined ? {} : { paged }),
    ...(threads === undefined ? {} : { threads }),
    ...(quota === undefined ? {} : { quota }),
    ...(depth === undefined ? {} : { depth }),
  };
}

function modeOf(options: BootOptions): number {
  const checked = truthValue("checked", options.checked ?? false);
  const after = options.bugChecks ?? "stop";
  if (after !== "stop" && after !== "continue") {
    const message = `Cannot use ${show(after)} as bugChecks: it must be "stop" or "continue"`;
    throw new LookasideError("ERR_OPTION", message);
  }
  return (checked ? MODE_CHECKED : 0) | (after === "continue" ? MODE_CONTINUE : 0);
}

/**
 * Boots this thread's machine: a new one from options, or the one of a ticket.
 *
 * @example
 * ```ts
 * boot({ nonPagedPoolBytes: "8 MiB", checked: true });
 * const block = ExAllocatePoolWithTag(NonPagedPool, 256, tag("Demo"));
 * ExFreePoolWithTag(block, tag("Demo"));
 * shutdown();
 * ```
 * @throws {LookasideError} ERR_ALREADY_ATTACHED, ERR_OPTION, ERR_TICKET, ERR_LAYOUT_VERSION,
 * ERR_THREADS_FULL, ERR_MEMORY, ERR_NO_SHARED_MEMORY
 */
export function boot(options: BootOptions | Ticket = {}): void {
  if (isBooted()) {
    throw new LookasideError(
      "ERR_ALREADY_ATTACHED",
      "Cannot boot: this thread's machine is running already",
    );
  }
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new LookasideError(
      "ERR_OPTION",
      `Cannot boot with ${show(options)}: options or a ticket are needed`,
    );
  }
  if (isTicket(options)) {
    enter(System.attach(options), DEFAULTS);
    return;
  }
  onlyKnown("boot()", options, BOOT_OPTIONS);
  const mode = modeOf(options);
  const low = options.lowResources;
  if (low !== undefined) completeLowResources(low); // throws before there is a system
  const system = System.create(systemOptions(options));
  store(system.region.words, HEADER.MODE, mode);
  if (low !== undefined) simulateIn(system.region, system.thread, low);
  enter(system, DEFAULTS);
}

/**
 * Takes this thread off its machine. Lists and blocks stay for the other threads, and end with the last one:
 * the machine is switched off, so lists in use are no fault, in checked mode either. `activeLists()` tells
 * which are left, and a driver's `unload()` reports them ({@link loadDriver}). May be called twice.
 *
 * @example
 * ```ts
 * boot();
 * shutdown();
 * console.log(isBooted()); // false
 * ```
 */
export function shutdown(): void {
  leave()?.detach();
}

/**
 * What another thread boots with: {@link boot}. It can be posted, and used any number of times. @throws
 * {LookasideError} ERR_NOT_ATTACHED
 *
 * @example
 * ```ts
 * boot();
 * console.log(typeof ticket()); // object: for workerData, or postMessage
 * shutdown();
 * ```
 */
export function ticket(): Ticket {
  return machine().system.ticket();
}

/**
 * The system under this thread's machine, which the door `lookaside` works with: its block lists and the
 * documented lists share one memory. @throws {LookasideError} ERR_NOT_ATTACHED
 *
 * @example
 * ```ts
 * boot();
 * const frames = system().blockList({ tag: "Fram", size: 1_536 });
 * console.log(frames.allocate()?.bytes.length); // 1536
 * shutdown();
 * ```
 */
export function system(): System {
  return machine().system;
}

/**
 * The memory that addresses point into. Its buffer is another object after the memory has grown; old ones
 * stay valid on their range. @throws {LookasideError} ERR_NOT_ATTACHED
 *
 * @example
 * ```ts
 * boot();
 * const block = ExAllocatePoolWithTag(NonPagedPool, 64, tag("Demo"));
 * new Uint8Array(memory().buffer, block, 64).fill(7);
 * console.log(touch(block, 64)[63]); // 7
 * shutdown();
 * ```
 */
export function memory(): WebAssembly.Memory {
  return machine().system.memory;
}

/**
 * Turns low-resource simulation on in every thread of this machine, or off with null, as Driver Verifier does
 * for a whole machine. Each thread draws from a stream of its own, made of the seed and its number, which
 * begins here: so the same seed fails the same allocations of a thread again.
 * @throws {LookasideError} ERR_OPTION, ERR_LOCK_STALLED
 *
 * @example
 * ```ts
 * boot();
 * simulateLowResources({ perTenThousand: 10_000, seed: 1 });
 * console.log(ExAllocatePoolWithTag(NonPagedPool, 64, tag("Demo"))); // 0
 * shutdown();
 * ```
 */
export function simulateLowResources(options: LowResourcesOptions | null): void {
  const { system } = machine();
  simulateIn(system.region, system.thread, options);
}
