/**
 * The laws that a snapshot obeys when no thread is inside the system: semantics 9 for every list, and that
 * the parts add up to the whole. Gives back what is broken, in words.
 */
import type { BlockListSnapshot, ListSnapshot, Snapshot } from "lookaside";

/** What is wrong with a snapshot that was taken when all stood still. */
export function brokenLaws(snapshot: Snapshot): string[] {
  const broken: string[] = [];
  const demand = (holds: boolean, law: string): void => {
    if (!holds) broken.push(law);
  };
  for (const list of snapshot.lists) {
    listLaws(list, demand);
    if (list.kind === "block") blockListLaws(list, demand);
  }
  for (const pool of snapshot.pools) {
    const tags = snapshot.tags.filter((tag) => tag.pool === pool.pool);
    const sum = (of: (tag: (typeof tags)[number]) => number): number =>
      tags.reduce((total, tag) => total + of(tag), 0);
    demand(pool.bytes === sum((tag) => tag.bytes), `${pool.pool}: bytes of all tags`);
    demand(pool.blocks === pool.allocs - pool.frees, `${pool.pool}: blocks = allocs - frees`);
    demand(pool.usedBytes === pool.slabBytes + pool.runBytes, `${pool.pool}: slabs and runs`);
  }
  if (snapshot.blocks !== null) blockLaws(snapshot, demand);
  return broken;
}

type Demand = (holds: boolean, law: string) => void;

function listLaws(list: ListSnapshot, demand: Demand): void {
  const allocateHits = list.allocates - list.allocateMisses;
  const freeHits = list.frees - list.freeMisses;
  const reserved = list.kind === "documented" ? 0 : list.reserved;
  const parked = freeHits - allocateHits + reserved - list.trimmed;
  demand(list.parked === parked, `${list.id}: n = free hits - allocate hits - X, ${parked}`);
  const failures = list.kind === "block" ? list.failures : 0;
  const held = list.allocates - list.frees - failures;
  demand(list.held === held, `${list.id}: outstanding = A - F - N, ${held}`);
  demand(list.depth <= list.maximumDepth, `${list.id}: depth <= maximum`);
}

function blockListLaws(list: BlockListSnapshot, demand: Demand): void {
  const sum = (of: (ring: BlockListSnapshot["rings"][number]) => number): number =>
    list.rings.reduce((total, ring) => total + of(ring), 0);
  const back = list.freeMisses + list.trimmed;
  const { parked, held, obtained } = list;
  demand(obtained === back + parked + held, `${list.id}: obtained = given back + n + outstanding`);
  const inRings = sum((ring) => ring.parked);
  demand(parked === inRings + list.depot.parked, `${list.id}: parked in rings and depot`);
  demand(list.allocates === sum((ring) => ring.allocates), `${list.id}: allocates of all threads`);
  demand(list.frees === sum((ring) => ring.frees), `${list.id}: frees of all threads`);
}

function blockLaws(snapshot: Snapshot, demand: Demand): void {
  const { blocks, lists, pools } = snapshot;
  for (const list of lists) {
    if (list.kind !== "block") continue;
    const holders = blocks?.holders.filter((holder) => holder.list === list.id) ?? [];
    const held = holders.reduce((total, holder) => total + holder.held, 0);
    demand(list.held === held, `${list.id}: held by its holders, ${held}`);
  }
  const used = pools.reduce((total, pool) => total + pool.blocks, 0);
  demand((blocks?.held ?? 0) + (blocks?.parked ?? 0) === used, "blocks in use: as the tags say");
}
