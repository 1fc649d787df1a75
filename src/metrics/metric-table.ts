/**
 * The one table of metrics: what each is called, counts and means. Every adapter goes by it.
 *
 * Names and units are those of OpenTelemetry's conventions: a name space with dots, units in UCUM with what
 * is counted in braces, limits and usages side by side. Names for Prometheus follow from them by the
 * mapping that OpenTelemetry itself defines: underscores, the unit `By` as `_bytes`, counters end in
 * `_total`. A name is never given another meaning.
 */
import type { ListSnapshot, PoolSnapshot, Snapshot, TagSnapshot } from "../system/index.js";

/**
 * `counter` only grows; `amount` is a present number of which sums make sense; `level` one of which they
 * do not.
 */
export type MetricKind = "counter" | "amount" | "level";

/** Labels by their short names: {@link LABEL_ATTRIBUTES} has those of OpenTelemetry. */
export type Labels = Readonly<Partial<Record<LabelName, string>>>;
export type LabelName = "list" | "kind" | "tag" | "pool" | "status" | "outcome";

/** One value of a metric. */
export interface Point {
  readonly labels: Labels;
  readonly value: number;
}

/** One metric. */
export interface Metric {
  /** Its name for OpenTelemetry. */
  readonly name: string;
  readonly kind: MetricKind;
  /** In UCUM: `By`, or what is counted, in braces. */
  readonly unit: string;
  /** One sentence without its full stop. */
  readonly help: string;
  readonly labels: readonly LabelName[];
  /** Its values, each set of labels once. */
  points(snapshot: Snapshot): readonly Point[];
}

/** Names of the labels as attributes of OpenTelemetry. */
export const LABEL_ATTRIBUTES: Readonly<Record<LabelName, string>> = {
  list: "lookaside.list.name",
  kind: "lookaside.list.kind",
  tag: "lookaside.tag",
  pool: "lookaside.pool.name",
  status: "lookaside.thread.status",
  outcome: "lookaside.recovery.outcome",
};

/** The name of a metric for Prometheus. */
export function prometheusName({ name, unit, kind }: Metric): string {
  const suffix = unit === "By" ? "_bytes" : "";
  return `${name.replaceAll(".", "_")}${suffix}${kind === "counter" ? "_total" : ""}`;
}

/** Points of one metric: what has the same labels as another one is added to it. */
class Points {
  readonly #byLabels = new Map<string, Point>();

  add(key: string, labels: Labels, value: number): void {
    const known = this.#byLabels.get(key);
    this.#byLabels.set(key, { labels, value: value + (known?.value ?? 0) });
  }

  all(): readonly Point[] {
    return [...this.#byLabels.values()];
  }
}

const LIST_LABELS = ["list", "kind", "tag", "pool"] as const;

/** A metric of lists: `value` gives null for a list that has no such thing. */
function ofLists(
  name: string,
  kind: MetricKind,
  unit: string,
  help: string,
  value: (list: ListSnapshot) => number | null,
): Metric {
  const points = (snapshot: Snapshot): readonly Point[] => {
    const found = new Points();
    for (const list of snapshot.lists) {
      const count = value(list);
      if (count === null) continue;
      const pool = list.kind === "object" ? "none" : list.pool;
      const labels = { list: list.name, kind: list.kind, tag: list.tag, pool };
      found.add(`${list.kind}\0${list.name}\0${list.tag}\0${pool}`, labels, count);
    }
    return found.all();
  };
  return { name: `lookaside.list.${name}`, kind, unit, help, labels: LIST_LABELS, points };
}

function ofPools(
  name: string,
  kind: MetricKind,
  unit: string,
  help: string,
  value: (pool: PoolSnapshot) => number,
): Metric {
  const points = ({ pools }: Snapshot): readonly Point[] =>
    pools.map((pool) => ({ labels: { pool: pool.pool }, value: value(pool) }));
  return { name: `lookaside.pool.${name}`, kind, unit, help, labels: ["pool"], points };
}

function ofTags(
  name: string,
  kind: MetricKind,
  unit: string,
  help: string,
  value: (tag: TagSnapshot) => number,
): Metric {
  const points = ({ tags }: Snapshot): readonly Point[] => {
    const found = new Points();
    for (const tag of tags) {
      found.add(`${tag.tag}\0${tag.pool}`, { tag: tag.tag, pool: tag.pool }, value(tag));
    }
    return found.all();
  };
  return { name: `lookaside.tag.${name}`, kind, unit, help, labels: ["tag", "pool"], points };
}

function ofSystem(
  name: string,
  kind: MetricKind,
  unit: string,
  help: string,
  value: (snapshot: Snapshot) => number,
): Metric {
  const points = (snapshot: Snapshot): readonly Point[] => [{ labels: {}, value: value(snapshot) }];
  return { name: `lookaside.${name}`, kind, unit, help, labels: [], points };
}

const LISTS: readonly Metric[] = [
  ofLists("allocations", "counter", "{call}", "Calls of allocate", (list) => list.allocates),
  ofLists(
    "allocation.misses",
    "counter",
    "{call}",
    "Calls of allocate that no parked block could serve",
    (list) => list.allocateMisses,
  ),
  ofLists("frees", "counter", "{call}", "Calls of free", (list) => list.frees),
  ofLists(
    "free.misses",
    "counter",
    "{call}",
    "Calls of free whose block found no room in the list",
    (list) => list.freeMisses,
  ),
  ofLists(
    "allocation.failures",
    "counter",
    "{call}",
    "Calls of allocate that the pool had no room for; block lists only",
    (list) => (list.kind === "block" ? list.failures : null),
  ),
  ofLists(
    "refused",
    "counter",
    "{call}",
    "Calls refused as misuse, such as double frees; block lists only",
    (list) => (list.kind === "block" ? list.refused : null),
  ),
  ofLists(
    "adopted",
    "counter",
    "{block}",
    "Blocks that a thread took over from another; block lists only",
    (list) => (list.kind === "block" ? list.adopted : null),
  ),
  ofLists(
    "trimmed",
    "counter",
    "{block}",
    "Parked blocks given up otherwise than by an allocation",
    (list) => list.trimmed,
  ),
  ofLists("parked", "amount", "{block}", "Blocks parked in the list", (list) => list.parked),
  ofLists("held", "amount", "{block}", "Blocks in users' hands", (list) => list.held),
  ofLists(
    "parked.memory",
    "amount",
    "By",
    "Bytes of the blocks parked in the list",
    (list) => list.parkedBytes,
  ),
  ofLists("held.memory", "amount", "By", "Bytes of the blocks in users' hands", (list) => {
    return list.heldBytes;
  }),
  ofLists("depth", "level", "{block}", "Present limit on parked blocks", (list) => list.depth),
  ofLists(
    "depth.limit",
    "level",
    "{block}",
    "Ceiling of the limit on parked blocks",
    (list) => list.maximumDepth,
  ),
  ofLists("block.size", "level", "By", "Bytes of each block", (list) => list.size),
];

const POOLS: readonly Metric[] = [
  ofPools("memory.limit", "amount", "By", "Bytes the pool may use", (pool) => pool.limitBytes),
  ofPools("memory.usage", "amount", "By", "Bytes of the pool's slabs and runs", (pool) => {
    return pool.usedBytes;
  }),
  ofPools("memory.peak", "level", "By", "Most bytes of slabs and runs so far", (pool) => {
    return pool.peakBytes;
  }),
  ofPools(
    "memory.allocated",
    "amount",
    "By",
    "Bytes allocated, as asked for",
    (pool) => pool.bytes,
  ),
  ofPools("blocks", "amount", "{block}", "Blocks allocated", (pool) => pool.blocks),
  ofPools("allocations", "counter", "{call}", "Blocks ever allocated", (pool) => pool.allocs),
  ofPools("frees", "counter", "{call}", "Blocks ever freed", (pool) => pool.frees),
  ofPools("slabs", "amount", "{slab}", "Slabs", (pool) => pool.slabs),
  ofPools("runs", "amount", "{run}", "Blocks too large for a slab", (pool) => pool.runs),
];

const TAGS: readonly Metric[] = [
  ofTags("allocations", "counter", "{call}", "Blocks ever allocated under a tag", (tag) => {
    return tag.allocs;
  }),
  ofTags("frees", "counter", "{call}", "Blocks of a tag ever freed", (tag) => tag.frees),
  ofTags("blocks", "amount", "{block}", "Blocks allocated under a tag", (tag) => tag.blocks),
  ofTags("memory.allocated", "amount", "By", "Bytes allocated under a tag, as asked for", (tag) => {
    return tag.bytes;
  }),
];

const SYSTEM: readonly Metric[] = [
  ofSystem("memory.usage", "amount", "By", "Bytes the shared memory has grown to", (snapshot) => {
    return snapshot.memory.bytes;
  }),
  ofSystem("memory.limit", "amount", "By", "Bytes the shared memory may grow to", (snapshot) => {
    return snapshot.memory.maximumBytes;
  }),
  ofSystem("memory.bookkeeping", "amount", "By", "Bytes that are not for blocks", (snapshot) => {
    return snapshot.memory.bookkeepingBytes;
  }),
  ofSystem("memory.unused", "amount", "By", "Bytes of no slab and no run, grown or not", (seen) => {
    return seen.memory.unusedBytes;
  }),
  ofSystem(
    "memory.unused.largest",
    "level",
    "By",
    "Bytes of the largest piece of no slab and no run",
    (snapshot) => snapshot.memory.largestUnusedBytes,
  ),
  {
    name: "lookaside.threads",
    kind: "amount",
    unit: "{thread}",
    help: "Threads in the system",
    labels: ["status"],
    points: ({ threads }) =>
      (["attached", "recovering"] as const).map((status) => ({
        labels: { status },
        value: threads.filter((thread) => thread.status === status).length,
      })),
  },
  ofSystem("threads.limit", "level", "{thread}", "Threads there is room for", (snapshot) => {
    return snapshot.threadCapacity;
  }),
  ofSystem("recoveries", "counter", "{thread}", "Threads recovered after their end", (snapshot) => {
    return snapshot.recoveries.threads;
  }),
  {
    name: "lookaside.recovered.blocks",
    kind: "counter",
    unit: "{block}",
    help: "Blocks of ended threads, by what became of them",
    labels: ["outcome"],
    points: ({ recoveries }) =>
      (["parked", "reclaimed", "kept"] as const).map((outcome) => ({
        labels: { outcome },
        value: recoveries[outcome],
      })),
  },
  ofSystem(
    "stopped",
    "level",
    "1",
    "1 after a bug check stopped the machine, else 0",
    (snapshot) => {
      return snapshot.state === "stopped" ? 1 : 0;
    },
  ),
];

/** All metrics, in the order in which they are shown. */
export const METRICS: readonly Metric[] = [...LISTS, ...POOLS, ...TAGS, ...SYSTEM];
