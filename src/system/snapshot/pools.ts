/**
 * Pools, tags and memory in a snapshot; and, on demand, every block of them.
 *
 * A tag's tallies are summed over the threads that ever were, for tags that were ever claimed: the dear part
 * of a snapshot where there are many tags and threads.
 */
import { CHUNK_BYTES, TAGS_MAX } from "../../base/index.js";
import { isListNote, listNote } from "../../list/index.js";
import { HEADER, load, type Region } from "../../memory/index.js";
import {
  HELD,
  kindOf,
  NONPAGED,
  PAGED,
  type RunSurvey,
  type RunTableSurvey,
  readTally,
  SHOWN,
  subjectOf,
  surveyBlocks,
  surveyRuns,
  tagAt,
  tagText,
} from "../../pool/index.js";
import { CounterGroup } from "./counters.js";
import { atLeastNone, poolName } from "./list-numbers.js";
import type {
  BlocksSnapshot,
  HolderSnapshot,
  MemorySnapshot,
  PoolSnapshot,
  RunSnapshot,
  TagSnapshot,
} from "./schema.js";

const KINDS = [NONPAGED, PAGED] as const;

/** Counters of one thread's tally of one tag. */
const [FREES, ALLOCS] = [0, 1] as const;
const COUNTERS = 2;

/** What a snapshot says of the pools. */
export interface PoolsReading {
  readonly pools: readonly PoolSnapshot[];
  readonly tags: readonly TagSnapshot[];
  readonly memory: MemorySnapshot;
  readonly table: RunTableSurvey;
}

/** One reader's view of the pools of a system. */
export class PoolReader {
  readonly #region: Region;
  /** By tag and kind. */
  readonly #counters: (CounterGroup | undefined)[] = [];
  readonly #tally = { frees: 0, allocs: 0, bytesFreed: 0, bytesAllocated: 0, peakBytes: 0 };

  constructor(region: Region) {
    this.#region = region;
  }

  /** Both pools, their tags, the memory; threads above `threads` never were. */
  read(threads: number): PoolsReading {
    const tags: TagSnapshot[] = [];
    for (let index = 0; index < TAGS_MAX; index++) {
      const tag = tagAt(this.#region, index);
      if (index > 0 && tag === 0) continue;
      for (const kind of KINDS) {
        const usage = this.#readTag(index, tag, kind, threads);
        if (usage !== null) tags.push(usage);
      }
    }
    const table = surveyRuns(this.#region);
    const pools = KINDS.map((kind) => this.#readPool(kind, tags, table.runs));
    return {
      pools: Object.freeze(pools),
      tags: Object.freeze(tags),
      memory: this.#readMemory(table),
      table,
    };
  }

  #readTag(index: number, tag: number, kind: number, threads: number): TagSnapshot | null {
    const tally = this.#tally;
    let [allocs, frees, blocks, bytes, users, ownPeak] = [0, 0, 0, 0, 0, 0];
    for (let thread = 1; thread <= threads; thread++) {
      readTally(this.#region, thread, index, kind, tally);
      const group = this.#counters[index * 2 + kind];
      const [freed, made] = [(thread - 1) * COUNTERS + FREES, (thread - 1) * COUNTERS + ALLOCS];
      const everUsed = (group?.total(made) ?? 0) + (group?.total(freed) ?? 0) > 0;
      if (tally.allocs === 0 && tally.frees === 0 && !everUsed) continue;
      users++;
      const counters = group ?? this.#groupOf(index * 2 + kind, threads);
      frees += counters.note(freed, tally.frees);
      allocs += counters.note(made, tally.allocs);
      blocks = (blocks + tally.allocs - tally.frees) | 0;
      bytes = (bytes + tally.bytesAllocated - tally.bytesFreed) >>> 0;
      ownPeak = tally.peakBytes >>> 0;
    }
    if (users === 0) return null;
    return Object.freeze({
      tag: tagText(tag),
      pool: poolName(kind),
      allocs,
      frees,
      blocks: atLeastNone(blocks),
      bytes,
      peakBytes: users === 1 ? ownPeak : bytes,
    });
  }

  #groupOf(at: number, threads: number): CounterGroup {
    const known = this.#counters[at];
    if (known !== undefined) return known;
    const group = new CounterGroup(COUNTERS * threads);
    this.#counters[at] = group;
    return group;
  }

  #readPool(
    kind: number,
    tags: readonly TagSnapshot[],
    survey: readonly RunSurvey[],
  ): PoolSnapshot {
    const pool = poolName(kind);
    const mine = tags.filter((tag) => tag.pool === pool);
    const sum = (of: (tag: TagSnapshot) => number): number =>
      mine.reduce((total, tag) => total + of(tag), 0);
    const word = (at: number): number => load(this.#region.words, at + kind) * CHUNK_BYTES;
    let [slabs, slabChunks, runs, runChunks] = [0, 0, 0, 0];
    for (const run of survey) {
      if (run.kind !== kind) continue;
      if (run.isSlab) {
        slabs++;
        slabChunks += run.chunks;
      } else {
        runs++;
        runChunks += run.chunks;
      }
    }
    return Object.freeze({
      pool,
      limitBytes: word(HEADER.CHUNK_LIMIT),
      usedBytes: word(HEADER.CHUNKS_USED),
      peakBytes: word(HEADER.CHUNKS_PEAK),
      slabs,
      slabBytes: slabChunks * CHUNK_BYTES,
      runs,
      runBytes: runChunks * CHUNK_BYTES,
      allocs: sum((tag) => tag.allocs),
      frees: sum((tag) => tag.frees),
      blocks: sum((tag) => tag.blocks),
      bytes: sum((tag) => tag.bytes),
    });
  }

  #readMemory({ unused, largestUnused }: RunTableSurvey): MemorySnapshot {
    const { memory, layout } = this.#region;
    return Object.freeze({
      bytes: memory.buffer.byteLength,
      maximumBytes: layout.endByte,
      bookkeepingBytes: layout.dataByte,
      unusedBytes: unused * CHUNK_BYTES,
      largestUnusedBytes: largestUnused * CHUNK_BYTES,
    });
  }
}

/** Who holds how many blocks of which list. */
class Holders {
  readonly #counts = new Map<number, { held: number; bytes: number }>();

  /** Counts a block. Those of no list, whose notes are other things, are left out. */
  add(note: number, thread: number, bytes: number): void {
    if (!isListNote(note)) return;
    const key = note * 256 + thread;
    const counts = this.#counts.get(key) ?? { held: 0, bytes: 0 };
    counts.held++;
    counts.bytes += bytes;
    this.#counts.set(key, counts);
  }

  /** As plain objects; blocks of lists that are gone are told together. */
  snapshot(idsByNote: ReadonlyMap<number, string>): HolderSnapshot[] {
    const holders: HolderSnapshot[] = [];
    const lost = new Map<number, HolderSnapshot>();
    for (const [key, { held, bytes }] of this.#counts) {
      const [list, thread] = [idsByNote.get(Math.floor(key / 256)) ?? null, key % 256];
      if (list !== null) {
        holders.push(Object.freeze({ list, thread, held, bytes }));
        continue;
      }
      const before = lost.get(thread);
      const sum = { held: held + (before?.held ?? 0), bytes: bytes + (before?.bytes ?? 0) };
      lost.set(thread, Object.freeze({ list, thread, ...sum }));
    }
    return [...holders, ...lost.values()];
  }
}

/** Looks at every block. `idsByNote` tells a list's id by the note of its blocks. */
export function readBlocks(
  region: Region,
  { runs: survey }: RunTableSurvey,
  idsByNote: ReadonlyMap<number, string>,
): BlocksSnapshot {
  const holders = new Holders();
  let [free, held, parked, freeBytesInUsedSlabs, emptySlabBytes] = [0, 0, 0, 0, 0];
  const runs: RunSnapshot[] = [];
  const surveyed = surveyBlocks(region, survey, (state, seen, bytes) => {
    const kind = kindOf(seen);
    if (kind === HELD || kind === SHOWN)
      holders.add(listNote(region.words, state), subjectOf(seen), bytes);
  });
  for (const run of surveyed) {
    const bytes = run.chunks * CHUNK_BYTES;
    free += run.free;
    held += run.held;
    parked += run.parked;
    if (run.held + run.parked > 0) freeBytesInUsedSlabs += run.free * run.blockBytes;
    else if (run.isSlab) emptySlabBytes += bytes;
    const snapshot = {
      offset: region.layout.dataByte + run.chunk * CHUNK_BYTES,
      bytes,
      pool: poolName(run.kind),
      kind: run.isSlab ? "slab" : "run",
      blockBytes: run.blockBytes,
      blocks: run.blocks,
      free: run.free,
      held: run.held,
      parked: run.parked,
    } as const;
    runs.push(Object.freeze(snapshot));
  }
  return Object.freeze({
    free,
    held,
    parked,
    freeBytesInUsedSlabs,
    emptySlabBytes,
    holders: Object.freeze(holders.snapshot(idsByNote)),
    runs: Object.freeze(runs),
  });
}
