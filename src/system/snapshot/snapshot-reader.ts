/**
 * Takes snapshots of a system, as one thread sees it: reads shared words, takes no lock, writes none.
 *
 * One reader for each `System`, made with its first snapshot, because a reader remembers what the 32-bit
 * words showed (counters.ts). Observed threads notice nothing but cache lines that were read.
 */
import { onlyKnown, truthValue } from "../../base/index.js";
import { HEADER, load, type Region } from "../../memory/index.js";
import { recoveryCounts } from "../../recovery/index.js";
import { readThreads, type ThreadReading } from "../../threads/index.js";
import { BlockListReader } from "./block-lists.js";
import { CounterGroup } from "./counters.js";
import { DocumentedListReader } from "./documented-lists.js";
import { PoolReader, readBlocks } from "./pools.js";
import type {
  ObjectListSnapshot,
  RecoveriesSnapshot,
  Snapshot,
  SnapshotOptions,
  ThreadSnapshot,
} from "./schema.js";

/** HEADER.STATE as a snapshot says it: 3 is a stop that is just being written. */
const STATES = ["open", "closed", "stopped", "stopped"] as const;

/** Whether options ask for a walk over all blocks. @throws {LookasideError} ERR_OPTION */
export function wantsBlocks(options: unknown): boolean {
  onlyKnown("a snapshot", options, ["blocks"]);
  return truthValue("blocks", (options as SnapshotOptions).blocks ?? false);
}

/** One thread's reader. */
export class SnapshotReader {
  readonly #region: Region;
  readonly #thread: number;
  readonly #blockLists: BlockListReader;
  readonly #documentedLists: DocumentedListReader;
  readonly #pools: PoolReader;
  readonly #recoveries = new CounterGroup(5);
  #threads = 0;

  constructor(region: Region, thread: number) {
    this.#region = region;
    this.#thread = thread;
    this.#blockLists = new BlockListReader(region);
    this.#documentedLists = new DocumentedListReader(region);
    this.#pools = new PoolReader(region);
  }

  /** Takes a snapshot. `objectLists` are those of this thread. */
  take(withBlocks: boolean, objectLists: readonly ObjectListSnapshot[]): Snapshot {
    const region = this.#region;
    const takenAt = Date.now();
    const readings = readThreads(region);
    this.#threads = Math.max(this.#threads, readings.length);
    const blockLists = this.#blockLists.read(this.#threads);
    const lists = [...blockLists, ...this.#documentedLists.read(), ...objectLists];
    const { pools, tags, memory, table } = this.#pools.read(this.#threads);
    const state = STATES[load(region.words, HEADER.STATE)] ?? "open";
    return Object.freeze({
      version: 1,
      takenAt,
      takenBy: this.#thread,
      state,
      stopCode: state === "stopped" ? load(region.words, HEADER.STOP_CODE) >>> 0 : null,
      lists: Object.freeze(lists),
      pools,
      tags,
      memory,
      threads: Object.freeze(readings.map(threadOf)),
      threadCapacity: region.layout.threadCapacity,
      recoveries: this.#readRecoveries(),
      blocks: withBlocks ? readBlocks(region, table, this.#blockLists.idsByNote()) : null,
    });
  }

  #readRecoveries(): RecoveriesSnapshot {
    const counts = recoveryCounts(this.#region);
    return Object.freeze({
      threads: this.#recoveries.note(0, counts.threads),
      parked: this.#recoveries.note(1, counts.parked),
      reclaimed: this.#recoveries.note(2, counts.reclaimed),
      kept: this.#recoveries.note(3, counts.kept),
      locks: this.#recoveries.note(4, counts.locks),
    });
  }
}

function threadOf({ thread, host, epoch, status }: ThreadReading): ThreadSnapshot {
  const known = status !== "free" && host >= 0 ? host : null;
  return Object.freeze({ thread, status, host: known, epoch });
}
