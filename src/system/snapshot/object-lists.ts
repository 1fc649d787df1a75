/**
 * Object lists in a snapshot: those of the thread that takes it, from the list itself. Their counters are
 * ordinary numbers that do not wrap.
 */
import type { ObjectListStatistics } from "../../list/index.js";
import { hitRate } from "./list-numbers.js";
import type { ObjectListSnapshot } from "./schema.js";

/** An object list of a thread. `serial` tells lists of one thread apart: a list keeps its own. */
export function objectListSnapshot(
  thread: number,
  serial: number,
  statistics: ObjectListStatistics,
): ObjectListSnapshot {
  const { tag, bytes, allocates, allocateMisses, frees, freeMisses } = statistics;
  const { parked, held, reserved, trimmed, policy, depth, maximumDepth } = statistics;
  return Object.freeze({
    kind: "object",
    id: `object-${thread}-${serial}`,
    name: tag,
    tag,
    thread,
    size: bytes,
    policy,
    depth,
    maximumDepth,
    allocates,
    allocateMisses,
    frees,
    freeMisses,
    allocateHitRate: hitRate(allocates, allocateMisses),
    freeHitRate: hitRate(frees, freeMisses),
    parked,
    held,
    parkedBytes: parked * bytes,
    heldBytes: held * bytes,
    reserved,
    trimmed,
  } as const);
}
