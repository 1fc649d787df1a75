/**
 * Whether a value from elsewhere is a snapshot: every field that the schema names is there and of its kind.
 *
 * A table of the fields for each part, which does not compile when the schema has a field that the table
 * lacks. Fields that nobody knows are let through: a newer library may have added them.
 */
import type {
  BlockListSnapshot,
  BlocksSnapshot,
  DepotSnapshot,
  DocumentedListSnapshot,
  HolderSnapshot,
  ListSnapshot,
  MemorySnapshot,
  ObjectListSnapshot,
  PoolSnapshot,
  RecoveriesSnapshot,
  RingSnapshot,
  RunSnapshot,
  Snapshot,
  TagSnapshot,
  ThreadSnapshot,
} from "../../system/index.js";

/** Says which field is not what it must be. */
export class DamagedSnapshot extends Error {}

/** Throws when a value is not of its kind. */
type Check = (value: unknown, path: string) => void;

function demand(holds: boolean, path: string, wanted: string): void {
  if (!holds) throw new DamagedSnapshot(`${path || "it"} is not ${wanted}`);
}

const count: Check = (value, path) => {
  const holds = typeof value === "number" && Number.isFinite(value) && value >= 0;
  demand(holds, path, "a number from 0");
};
const text: Check = (value, path) => demand(typeof value === "string", path, "a text");
const truth: Check = (value, path) => demand(typeof value === "boolean", path, "true or false");

function oneOf(...values: readonly unknown[]): Check {
  const wanted = values.map((value) => JSON.stringify(value)).join(" or ");
  return (value, path) => demand(values.includes(value), path, wanted);
}

function orNull(check: Check): Check {
  return (value, path) => {
    if (value !== null) check(value, path);
  };
}

function each(check: Check): Check {
  return (value, path) => {
    demand(Array.isArray(value), path, "an array");
    (value as unknown[]).forEach((item, at) => {
      check(item, `${path}[${at}]`);
    });
  };
}

function record<T>(fields: { readonly [Field in keyof Required<T>]: Check }): Check {
  const checks = Object.entries(fields) as [string, Check][];
  return (value, path) => {
    const holds = typeof value === "object" && value !== null && !Array.isArray(value);
    demand(holds, path, "an object");
    const prefix = path === "" ? "" : `${path}.`;
    for (const [field, check] of checks) {
      check((value as Readonly<Record<string, unknown>>)[field], prefix + field);
    }
  };
}

const pool = oneOf("nonPaged", "paged");

const LIST_FIELDS = {
  id: text,
  name: text,
  tag: text,
  size: count,
  depth: count,
  maximumDepth: count,
  allocates: count,
  allocateMisses: count,
  frees: count,
  freeMisses: count,
  allocateHitRate: orNull(count),
  freeHitRate: orNull(count),
  parked: count,
  held: count,
  parkedBytes: count,
  heldBytes: count,
  trimmed: count,
} as const;

const ring = record<RingSnapshot>({
  thread: count,
  open: truth,
  parked: count,
  limit: count,
  allocates: count,
  allocateMisses: count,
  frees: count,
  freeMisses: count,
  refills: count,
  spills: count,
  adopted: count,
});

const LISTS: Readonly<Record<ListSnapshot["kind"], Check>> = {
  block: record<BlockListSnapshot>({
    ...LIST_FIELDS,
    kind: text,
    pool,
    policy: text,
    deleted: truth,
    reserved: count,
    obtained: count,
    failures: count,
    refills: count,
    spills: count,
    adopted: count,
    refused: count,
    rings: each(ring),
    depot: record<DepotSnapshot>({ slots: count, fullSlots: count, batch: count, parked: count }),
  }),
  documented: record<DocumentedListSnapshot>({
    ...LIST_FIELDS,
    kind: text,
    pool,
    address: count,
    family: oneOf("NPaged", "Paged", "Ex"),
    type: count,
  }),
  object: record<ObjectListSnapshot>({
    ...LIST_FIELDS,
    kind: text,
    thread: count,
    policy: text,
    reserved: count,
  }),
};

const kindOfList = oneOf(...Object.keys(LISTS));

const list: Check = (value, path) => {
  const kind = (value as { readonly kind?: unknown } | null | undefined)?.kind;
  kindOfList(kind, `${path}.kind`);
  LISTS[kind as ListSnapshot["kind"]](value, path);
};

const run = record<RunSnapshot>({
  offset: count,
  bytes: count,
  pool,
  kind: oneOf("slab", "run"),
  blockBytes: count,
  blocks: count,
  free: count,
  held: count,
  parked: count,
});

const snapshot = record<Snapshot>({
  version: oneOf(1),
  takenAt: count,
  takenBy: count,
  state: oneOf("open", "closed", "stopped"),
  stopCode: orNull(count),
  lists: each(list),
  pools: each(
    record<PoolSnapshot>({
      pool,
      limitBytes: count,
      usedBytes: count,
      peakBytes: count,
      slabs: count,
      slabBytes: count,
      runs: count,
      runBytes: count,
      allocs: count,
      frees: count,
      blocks: count,
      bytes: count,
    }),
  ),
  tags: each(
    record<TagSnapshot>({
      tag: text,
      pool,
      allocs: count,
      frees: count,
      blocks: count,
      bytes: count,
      peakBytes: count,
    }),
  ),
  memory: record<MemorySnapshot>({
    bytes: count,
    maximumBytes: count,
    bookkeepingBytes: count,
    unusedBytes: count,
    largestUnusedBytes: count,
  }),
  threads: each(
    record<ThreadSnapshot>({
      thread: count,
      status: oneOf("attached", "recovering", "free"),
      host: orNull(count),
      epoch: count,
    }),
  ),
  threadCapacity: count,
  recoveries: record<RecoveriesSnapshot>({
    threads: count,
    parked: count,
    reclaimed: count,
    kept: count,
    locks: count,
  }),
  blocks: orNull(
    record<BlocksSnapshot>({
      free: count,
      held: count,
      parked: count,
      freeBytesInUsedSlabs: count,
      emptySlabBytes: count,
      holders: each(
        record<HolderSnapshot>({ list: text, thread: count, held: count, bytes: count }),
      ),
      runs: each(run),
    }),
  ),
});

/** Gives back the value as what it is. @throws {DamagedSnapshot} */
export function checkSnapshot(value: unknown): Snapshot {
  snapshot(value, "");
  return value as Snapshot;
}
