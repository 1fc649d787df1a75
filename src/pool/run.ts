/**
 * Runs: blocks of whole chunks, for requests that no slab serves. Every step is under the run lock, so
 * these cost microseconds.
 */
import { CHUNK_BYTES } from "../base/index.js";
import {
  acquireLock,
  compareExchange,
  HEADER,
  peek,
  poke,
  type Region,
  releaseLock,
  store,
} from "../memory/index.js";
import {
  chunkByte,
  entryAt,
  payloadOf,
  poolKindOf,
  publishChunks,
  RUN,
  releaseChunks,
  reserveChunks,
  runEntry,
} from "./run-table.js";
import { stateIndex, unmakeEmptySlabs } from "./slab.js";
import { generationOf, SLACK } from "./state-word.js";

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
  return unmakeEmptySlabs(region, thread) > 0 ? makeRun(region, thread, request) : 0;
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
 * Gives up the run whose first chunk is `chunk` and whose state was seen to be `seen`, and its chunks back.
 * Gives back false when somebody else was first.
 * @throws {LookasideError} ERR_LOCK_STALLED: nothing was done, the run is still its holder's
 */
export function releaseRun(region: Region, thread: number, chunk: number, seen: number): boolean {
  const { words } = region;
  const state = stateIndex(region, chunkByte(region, chunk));
  acquireLock(words, HEADER.RUN_LOCK, thread); // before anything is given up: who fails here may try again
  try {
    if (compareExchange(words, state, seen, generationOf(seen)) !== seen) return false;
    const entry = entryAt(region, chunk);
    releaseChunks(region, poolKindOf(entry), chunk, payloadOf(entry));
    return true;
  } finally {
    releaseLock(words, HEADER.RUN_LOCK);
  }
}
