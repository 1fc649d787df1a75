/**
 * Every function of the door `lookaside/wdk`, with the kinds of arguments that a storm draws for it. A test
 * holds the names against the exports of the door, so that no function can be forgotten.
 */
import * as wdk from "lookaside/wdk";

/** How a storm draws an argument. */
export type ArgumentKind =
  | "place" // where a list is to be made
  | "list" // a list to be used
  | "entry" // what is given to a list
  | "free" // what is given to the pool
  | "write" // where a call writes
  | "linked" // a header or an entry of a sequenced list
  | "look" // any address that is only looked at
  | "number"
  | "bytes"
  | "tag"
  | "type"
  | "flags"
  | "pool2"
  | "level"
  | "seconds"
  | "depth"
  | "allocate"
  | "release"
  | "name"
  | "text"
  | "options"
  | "report";

/** One function. */
export interface Attack {
  readonly name: string;
  readonly call: (...given: unknown[]) => unknown;
  readonly kinds: readonly ArgumentKind[];
  /** How often it is drawn. */
  readonly weight: number;
  /** Family of lists that the routine is of. */
  readonly family?: "NPaged" | "Paged" | "Ex";
  /** What a number that it gives is: a block, or an entry of the list that is its first argument. */
  readonly gives?: "block" | "entry";
  /** Whether it makes a list of its first argument. */
  readonly makes?: true;
}

const INITIALIZE = ["place", "allocate", "release"] as const;
const LEGACY = [...INITIALIZE, "flags", "bytes", "tag", "number"] as const;
const UNIFIED = [...INITIALIZE, "type", "flags", "bytes", "tag", "number"] as const;

type Row = readonly [kinds: readonly ArgumentKind[], weight: number, rest?: Partial<Attack>];

const TABLE: Record<string, Row> = {
  ExInitializeNPagedLookasideList: [LEGACY, 6, { family: "NPaged", makes: true }],
  ExInitializePagedLookasideList: [LEGACY, 6, { family: "Paged", makes: true }],
  ExInitializeLookasideListEx: [UNIFIED, 10, { family: "Ex", makes: true }],
  ExAllocateFromNPagedLookasideList: [["list"], 14, { family: "NPaged", gives: "entry" }],
  ExAllocateFromPagedLookasideList: [["list"], 14, { family: "Paged", gives: "entry" }],
  ExAllocateFromLookasideListEx: [["list"], 18, { family: "Ex", gives: "entry" }],
  ExFreeToNPagedLookasideList: [["list", "entry"], 10, { family: "NPaged" }],
  ExFreeToPagedLookasideList: [["list", "entry"], 10, { family: "Paged" }],
  ExFreeToLookasideListEx: [["list", "entry"], 12, { family: "Ex" }],
  ExFlushLookasideListEx: [["list"], 3, { family: "Ex" }],
  ExDeleteNPagedLookasideList: [["list"], 3, { family: "NPaged" }],
  ExDeletePagedLookasideList: [["list"], 3, { family: "Paged" }],
  ExDeleteLookasideListEx: [["list"], 4, { family: "Ex" }],
  ExAllocatePoolWithTag: [["type", "bytes", "tag"], 8, { gives: "block" }],
  ExAllocatePoolWithQuotaTag: [["type", "bytes", "tag"], 5, { gives: "block" }],
  ExAllocatePool2: [["pool2", "bytes", "tag"], 5, { gives: "block" }],
  ExFreePool: [["free"], 12],
  ExFreePoolWithTag: [["free", "tag"], 8],
  touch: [["look", "bytes"], 3],
  ExInitializeSListHead: [["linked"], 1],
  InitializeSListHead: [["linked"], 1],
  ExInterlockedPushEntrySList: [["linked", "linked", "number"], 3],
  InterlockedPushEntrySList: [["linked", "linked"], 3],
  ExInterlockedPopEntrySList: [["linked", "number"], 3],
  InterlockedPopEntrySList: [["linked"], 3],
  ExInterlockedFlushSList: [["linked"], 1],
  InterlockedFlushSList: [["linked"], 1],
  ExQueryDepthSList: [["look"], 2],
  QueryDepthSList: [["look"], 2],
  FirstEntrySList: [["look"], 2],
  RtlFirstEntrySList: [["look"], 2],
  InterlockedIncrement: [["write"], 2],
  InterlockedDecrement: [["write"], 2],
  InterlockedAdd: [["write", "number"], 2],
  InterlockedExchangeAdd: [["write", "number"], 2],
  InterlockedExchange: [["write", "number"], 4],
  InterlockedCompareExchange: [["write", "number", "number"], 2],
  CONTAINING_RECORD: [["look", "number"], 1],
  NT_SUCCESS: [["number"], 1],
  KeGetCurrentIrql: [[], 1],
  KeRaiseIrql: [["level"], 2],
  KeLowerIrql: [["level"], 4],
  ExAdjustLookasideDepth: [[], 1],
  advanceClock: [["seconds"], 1],
  setLookasideDepth: [["depth", "number"], 2],
  resetLookasideCounters: [["depth"], 2],
  queryLookaside: [["look"], 3],
  queryLookasideLists: [[], 1],
  parkedEntries: [["look"], 3],
  activeLists: [[], 1],
  queryPoolBlock: [["look"], 3],
  poolUsage: [["tag"], 1],
  poolInformation: [[], 1],
  verifierCounters: [[], 1],
  reportLookaside: [["look"], 1],
  reportPoolUsed: [[], 1],
  reportPoolmon: [["report"], 1],
  typeNames: [["type"], 1],
  hitRate: [["number", "number"], 1],
  tag: [["text"], 1],
  tagText: [["tag"], 1],
  routine: [["name", "allocate"], 1],
  loadDriver: [["text", "report"], 1],
  simulateLowResources: [["options"], 2],
  ExRaiseStatus: [["number"], 1],
  KeBugCheckEx: [["number", "number", "number", "number", "number"], 1],
  isBooted: [[], 1],
  memory: [[], 1],
  system: [[], 1],
  ticket: [[], 1],
};

/** Functions that a storm calls in ways of its own. */
export const CALLED_APART = ["boot", "shutdown"];

/** Exports that are classes. */
export const CLASSES = ["LookasideError", "BugCheck", "StatusError"];

/** All attacks. */
export const ATTACKS: readonly Attack[] = Object.entries(TABLE).map(([name, row]) => {
  const [kinds, weight, rest] = row;
  const call = (wdk as unknown as Record<string, Attack["call"]>)[name] as Attack["call"];
  return { name, call, kinds, weight, ...rest };
});
