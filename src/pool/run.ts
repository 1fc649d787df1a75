/**
 * Runs: blocks of whole chunks, for requests that no slab serves. Every step is under the run lock, so
 * these cost microseconds.
 */
import { CHUNK_BYTES, LookasideError } from "../base/index.js";
import {
  acquireLock,
  compareExchange,
  HEADER,
  load,
  peek,
  poke,
  type Region,
  releaseLock,
  store,
} from "../memory/index.js";
import {
  chunkByte,
  endChunkOf,
  entryAt,
  firstChunkOf,
  payloadOf,
  poolKindOf,
  publishChunks,
  RUN,
  releaseChunks,
  reserveChunks,
  runEntry,
  typeOf,
} from "./run-table.js";
import { stateIndex, unmakeEmptySlabs } from "./slab.js";
import { generationOf, isState, SLACK } from "./state-word.js";

/** What is asked for. */
export interface RunRequest {
  readonly kind: number;
  /** Bytes asked for: what is charged. */
  readonly bytes: number;
  /** Bytes needed, fences included. */
  readonly room: number;
  readonly bill: number;
  /** State word of the run when it is taken, without its generation. */
  readonly held: number;
}

/**
 * Makes a run and gives back its address, or 0 when the pool has no room, empty slabs included.
 * @throws {LookasideError} ERR_LOCK_STALLED
 */
export function takeRun(region: Region, thread: number, request: RunRequest): number {
  const address = makeRun(region, thread, request);
  if (address !== 0) return address;
  const { kind } = request;
  const freed = releaseYieldedRuns(region, thread, kind) + unmakeEmptySlabs(region, thread, kind);
  return freed > 0 ? makeRun(region, thread, request) : 0;
}

function makeRun(region: Region, thread: number, request: RunRequest): number {
  const { words } = region;
  const { kind, bytes, room, bill, held } = request;
  const chunks = Math.ceil(room / CHUNK_BYTES);
  acquireLock(words, HEADER.RUN_LOCK, thread);
  try {
    const first = reserveChunks(region, kind, chunks);
    if (first < 0) return 0;
    const address = chunkByte(region, first);
    const state = stateIndex(region, address);
    poke(words, state + 1, bill);
    poke(words, state + SLACK, chunks * CHUNK_BYTES - bytes);
    publishChunks(region, first, chunks, runEntry(RUN, kind, chunks));
    const generation = generationOf(peek(words, state)) + 1;
    store(words, state, held | generationOf(generation)); // the run is the caller's
    return address;
  } finally {
    releaseLock(words, HEADER.RUN_LOCK);
  }
}

/**
 * Gives up the run whose first chunk is `chunk` and whose state was seen to be `seen`, and its chunks with
 * it. Gives back false when somebody else was first. The lock comes first: who ends between the two steps
 * leaves it to whoever mends what the lock guards.
 *
 * Never fails: when the lock is kept for too long the run is given up all the same, and its chunks stay as
 * they are, a run without a state, for whoever needs room: {@link releaseYieldedRuns}.
 */
export function releaseRun(region: Region, thread: number, chunk: number, seen: number): boolean {
  const { words } = region;
  const state = stateIndex(region, chunkByte(region, chunk));
  const isLocked = isLockTaken(region, thread);
  try {
    if (compareExchange(words, state, seen, generationOf(seen)) !== seen) return false;
    if (isLocked) releaseIfYielded(region, chunk);
    return true;
  } finally {
    if (isLocked) releaseLock(words, HEADER.RUN_LOCK);
  }
}

/** Takes the run lock, or gives back false when it is kept for too long. */
function isLockTaken(region: Region, thread: number): boolean {
  try {
    acquireLock(region.words, HEADER.RUN_LOCK, thread);
    return true;
  } catch (error) {
    if (error instanceof LookasideError && error.code === "ERR_LOCK_STALLED") return false;
    throw error;
  }
}

/** Gives back the chunks of a run without a holder; gives back how many. Callers hold the run lock. */
function releaseIfYielded(region: Region, chunk: number): number {
  const entry = entryAt(region, chunk);
  if (typeOf(entry) !== RUN) return 0; // whoever needed room was first
  if (isState(load(region.words, stateIndex(region, chunkByte(region, chunk))))) return 0;
  releaseChunks(region, poolKindOf(entry), chunk, payloadOf(entry));
  return payloadOf(entry);
}

/**
 * Gives the chunks of all runs of a pool back that were given up while the run lock was kept. Gives back how
 * many.
 * @throws {LookasideError} ERR_LOCK_STALLED
 */
export function releaseYieldedRuns(region: Region, thread: number, kind: number): number {
  const end = endChunkOf(region, kind);
  let chunks = 0;
  acquireLock(region.words, HEADER.RUN_LOCK, thread);
  try {
    for (let chunk = firstChunkOf(region, kind); chunk < end; chunk++)
      chunks += releaseIfYielded(region, chunk);
  } finally {
    releaseLock(region.words, HEADER.RUN_LOCK);
  }
  return chunks;
}
