/**
 * The documented routines as a guest imports them: its i32 made unsigned, its function pointers made handles,
 * its raises survivable if it asked for that.
 *
 * A pointer that no list, header or entry can have is reported before anything is touched, in every mode:
 * what a TypeScript program would have to compute on purpose, a C program does by forgetting to initialize.
 */
import { LookasideError } from "../../base/index.js";
import { peek } from "../../memory/index.js";
import type { System } from "../../system/index.js";
import { GATE_CHECKED, gateWord } from "../../threads/index.js";
import * as wdk from "../index.js";
import type { Callbacks } from "./callbacks.js";
import { formatted } from "./print.js";
import { type GuestRoutine, parametersOf, SIGNATURES } from "./signatures.js";

/** The instance that imports the routines, as they see it. */
export interface Importer {
  readonly name: string;
  readonly system: System;
  /** Whether a raise becomes the NULL or the status that the routine returns. */
  readonly survivesRaises: boolean;
  readonly callbacks: Callbacks;
  readonly print: (text: string) => void;
  /** No routine may be called any more. */
  closed: boolean;
  /** Status of the last raise that was survived, until the guest takes it. */
  raisedStatus: number;
}

/** A routine with its parameters as the guest passes them, but unsigned. */
type Imported = (...parameters: number[]) => number | undefined;

const { IRQL_NOT_LESS_OR_EQUAL } = wdk.BUG_CHECK;

/** Routines that need nothing done but to their numbers. */
const PLAIN = {
  ExAdjustLookasideDepth: wdk.ExAdjustLookasideDepth,
  ExAllocatePool2: wdk.ExAllocatePool2,
  ExAllocatePoolWithQuotaTag: wdk.ExAllocatePoolWithQuotaTag,
  ExAllocatePoolWithTag: wdk.ExAllocatePoolWithTag,
  ExDeleteLookasideListEx: wdk.ExDeleteLookasideListEx,
  ExDeleteNPagedLookasideList: wdk.ExDeleteNPagedLookasideList,
  ExDeletePagedLookasideList: wdk.ExDeletePagedLookasideList,
  ExFlushLookasideListEx: wdk.ExFlushLookasideListEx,
  ExFreePool: wdk.ExFreePool,
  ExFreePoolWithTag: wdk.ExFreePoolWithTag,
  ExInitializeSListHead: wdk.ExInitializeSListHead,
  ExInterlockedFlushSList: wdk.ExInterlockedFlushSList,
  ExInterlockedPopEntrySList: wdk.ExInterlockedPopEntrySList,
  ExInterlockedPushEntrySList: wdk.ExInterlockedPushEntrySList,
  ExQueryDepthSList: wdk.ExQueryDepthSList,
  ExRaiseStatus: wdk.ExRaiseStatus,
  FirstEntrySList: wdk.FirstEntrySList,
  InitializeSListHead: wdk.InitializeSListHead,
  InterlockedAdd: wdk.InterlockedAdd,
  InterlockedCompareExchange: wdk.InterlockedCompareExchange,
  InterlockedDecrement: wdk.InterlockedDecrement,
  InterlockedExchange: wdk.InterlockedExchange,
  InterlockedExchangeAdd: wdk.InterlockedExchangeAdd,
  InterlockedFlushSList: wdk.InterlockedFlushSList,
  InterlockedIncrement: wdk.InterlockedIncrement,
  InterlockedPopEntrySList: wdk.InterlockedPopEntrySList,
  InterlockedPushEntrySList: wdk.InterlockedPushEntrySList,
  KeBugCheckEx: wdk.KeBugCheckEx,
  KeGetCurrentIrql: wdk.KeGetCurrentIrql,
  KeLowerIrql: wdk.KeLowerIrql,
  QueryDepthSList: wdk.QueryDepthSList,
  RtlFirstEntrySList: wdk.RtlFirstEntrySList,
} as const;

/** Reports an address where no pool memory is. @throws {BugCheck} 0x0A */
function reportAddress(address: number): never {
  return wdk.KeBugCheckEx(IRQL_NOT_LESS_OR_EQUAL, address, wdk.KeGetCurrentIrql(), 1, 0);
}

function isInPool({ region }: System, address: number, bytes: number): boolean {
  return address >= region.layout.dataByte && region.cover(address + bytes);
}

/** Reports what cannot be a list. @throws {StatusError} misaligned. @throws {BugCheck} 0x0A elsewhere */
function demandList(system: System, list: number): number {
  if ((list & 15) !== 0) wdk.ExRaiseStatus(wdk.STATUS_DATATYPE_MISALIGNMENT);
  return isInPool(system, list, wdk.SIZEOF_LOOKASIDE_LIST_EX) ? list : reportAddress(list);
}

/** Reports what cannot be an entry, unless checked mode will say more exactly what it is. */
function demandEntry(system: System, entry: number): number {
  const { region, thread } = system;
  const isPossible = (entry & 15) === 0 && isInPool(system, entry, 8);
  const isChecked = (peek(region.words, gateWord(region, thread)) & GATE_CHECKED) !== 0;
  return isPossible || isChecked ? entry : reportAddress(entry);
}

type Initialize = (
  list: number,
  allocate: never,
  free: never,
  ...parameters: [number, number, number, number, number]
) => number | undefined;

/** An initialization: its two function pointers are the guest's. */
function initialize(importer: Importer, routine: GuestRoutine, original: unknown): Imported {
  const { callbacks } = importer;
  return (list = 0, allocate = 0, free = 0, ...rest) =>
    (original as Initialize)(
      list,
      callbacks.handleOf(routine, "Allocate", allocate) as never,
      callbacks.handleOf(routine, "Free", free) as never,
      ...(rest as [number, number, number, number, number]),
    );
}

function listRoutines(importer: Importer): Partial<Record<GuestRoutine, Imported>> {
  const { system } = importer;
  const families = {
    NPagedLookasideList: [
      wdk.ExAllocateFromNPagedLookasideList,
      wdk.ExFreeToNPagedLookasideList,
      wdk.ExInitializeNPagedLookasideList,
    ],
    PagedLookasideList: [
      wdk.ExAllocateFromPagedLookasideList,
      wdk.ExFreeToPagedLookasideList,
      wdk.ExInitializePagedLookasideList,
    ],
    LookasideListEx: [
      wdk.ExAllocateFromLookasideListEx,
      wdk.ExFreeToLookasideListEx,
      wdk.ExInitializeLookasideListEx,
    ],
  } as const;
  const routines: Record<string, Imported> = {};
  for (const [family, [allocate, free, start]] of Object.entries(families)) {
    const name = `ExInitialize${family}` as GuestRoutine;
    routines[name] = initialize(importer, name, start);
    routines[`ExAllocateFrom${family}`] = (list = 0) => allocate(demandList(system, list));
    routines[`ExFreeTo${family}`] = (list = 0, entry = 0) => {
      free(demandList(system, list), demandEntry(system, entry));
      return undefined;
    };
  }
  return routines;
}

function ownRoutines(importer: Importer): Partial<Record<GuestRoutine, Imported>> {
  const { system } = importer;
  return {
    // The documented form has the old level in a parameter; in TypeScript it is the result.
    KeRaiseIrql: (level = 0, oldIrql = 0) => {
      if (!isInPool(system, oldIrql, 1)) reportAddress(oldIrql);
      system.region.bytes[oldIrql] = wdk.KeRaiseIrql(level);
      return undefined;
    },
    DbgPrint: (format = 0, values = 0) => {
      importer.print(formatted(system.region, format, values));
      return wdk.STATUS_SUCCESS;
    },
    takeRaisedStatus: () => {
      const status = importer.raisedStatus;
      importer.raisedStatus = wdk.STATUS_SUCCESS;
      return status;
    },
  };
}

/** A raise becomes what the routine returns: its status, or NULL. Everything else goes on. */
function surviving(importer: Importer, name: GuestRoutine, routine: Imported): Imported {
  if (!importer.survivesRaises || name === "ExRaiseStatus") return routine;
  return (...parameters) => {
    try {
      return routine(...parameters);
    } catch (error) {
      if (!(error instanceof wdk.StatusError)) throw error;
      importer.raisedStatus = error.status;
      return name === "ExInitializeLookasideListEx" ? error.status : wdk.NULL;
    }
  };
}

/** Refuses a guest that was unloaded, or whose thread has left the system. */
function demandOpen(importer: Importer, name: GuestRoutine): void {
  if (!importer.closed) return;
  const message = `Cannot call ${name}: guest "${importer.name}" has been unloaded from this thread`;
  throw new LookasideError("ERR_GUEST", message);
}

/** The function that the guest really imports: signed or 64-bit numbers in, numbers out. */
function enclosed(importer: Importer, name: GuestRoutine, inner: Imported): Imported {
  const routine = surviving(importer, name, inner);
  if (SIGNATURES[name].startsWith("j")) {
    // Only ExAllocatePool2: its flags come as a BigInt.
    return (flags, ...parameters) => {
      demandOpen(importer, name);
      const wide = Number(BigInt.asUintN(64, flags as unknown as bigint));
      return routine(wide, ...parameters.map((value) => value >>> 0));
    };
  }
  switch (parametersOf(name)) {
    case 1:
      return (a = 0) => {
        demandOpen(importer, name);
        return routine(a >>> 0);
      };
    case 2:
      return (a = 0, b = 0) => {
        demandOpen(importer, name);
        return routine(a >>> 0, b >>> 0);
      };
    case 3:
      return (a = 0, b = 0, c = 0) => {
        demandOpen(importer, name);
        return routine(a >>> 0, b >>> 0, c >>> 0);
      };
    default:
      return (...parameters) => {
        demandOpen(importer, name);
        return routine(...parameters.map((value) => value >>> 0));
      };
  }
}

/** Every routine that a guest can import, for one instance. */
export function routinesFor(importer: Importer): Readonly<Record<GuestRoutine, Imported>> {
  const all = { ...PLAIN, ...listRoutines(importer), ...ownRoutines(importer) };
  const names = Object.keys(SIGNATURES) as GuestRoutine[];
  const routines = names.map((name) => [
    name,
    enclosed(importer, name, all[name] as unknown as Imported),
  ]);
  return Object.fromEntries(routines) as Record<GuestRoutine, Imported>;
}
