/**
 * The balance set manager: visits every documented list once a period and sets its Depth by the rule.
 *
 * Every attached thread keeps a timer that does not hold its process open. When one fires, its thread
 * tries to win the visit that is due, by one compare-exchange of the time of the next one; so there is
 * one visit a period however many threads there are, and when a thread ends the next timer of any
 * other thread takes over.
 *
 * The time is that of day, the one clock that threads have in common, and somebody may set it. Whoever makes
 * a visit puts the next one a period ahead, and no time that is further ahead can have been put so by the
 * present clock: it is due, too. So a step of the clock, whichever way, moves visits by a period at most, and
 * threads whose clocks differ make a visit each in a period. The word has the lower 32 bits of the
 * milliseconds, and differences of them are taken around the circle.
 */

import { LookasideError } from "../base/index.js";
import {
  adjustPrice,
  depthUnderPressure,
  FIELD,
  hasLists,
  listsOf,
  type WindowsDepthConstants,
  windowsDepth,
  withListSets,
} from "../list/index.js";
import { compareExchange, HEADER, load, type Region, store } from "../memory/index.js";

/** Words of HEADER.TUNING. */
const PERIOD = 0;
const SCANS = 1;
const CONSTANTS = 2;

/** The parameters that one system was made with, as every attached thread reads them. */
export interface Tuning {
  readonly periodMs: number;
  readonly scansPerAdjustment: number;
  readonly depth: WindowsDepthConstants;
}

/** Writes the parameters. Once, by the creator. */
export function writeTuning(region: Region, tuning: Tuning): void {
  const { words } = region;
  const { depth } = tuning;
  store(words, HEADER.TUNING + PERIOD, tuning.periodMs);
  store(words, HEADER.TUNING + SCANS, tuning.scansPerAdjustment);
  [
    depth.allocationThreshold,
    depth.lowUseStep,
    depth.lowMissPerMille,
    depth.growthStep,
    depth.minimumDepth,
  ].forEach((value, index) => {
    store(words, HEADER.TUNING + CONSTANTS + index, value);
  });
}

/** Reads the parameters. */
export function readTuning(region: Region): Tuning {
  const word = (index: number): number => load(region.words, HEADER.TUNING + index);
  return {
    periodMs: word(PERIOD),
    scansPerAdjustment: word(SCANS),
    depth: {
      allocationThreshold: word(CONSTANTS),
      lowUseStep: word(CONSTANTS + 1),
      lowMissPerMille: word(CONSTANTS + 2),
      growthStep: word(CONSTANTS + 3),
      minimumDepth: word(CONSTANTS + 4),
    },
  };
}

/** Whether less than a sixteenth of a pool is left. */
function underPressure(region: Region, kind: number): boolean {
  const limit = load(region.words, HEADER.CHUNK_LIMIT + kind);
  const left = limit - load(region.words, HEADER.CHUNKS_USED + kind);
  return left * 16 < limit;
}

function adjustList(region: Region, descriptor: number, tuning: Tuning, pressure: boolean): void {
  const { words, interlocked } = region;
  const word = (field: number): number => (descriptor + field) >>> 2;
  try {
    interlocked.settle(descriptor);
  } catch {
    return; // a header that was overwritten leads out of the memory: there is nothing to tune
  }
  const totals = load(words, word(FIELD.TotalAllocates));
  const misses = load(words, word(FIELD.AllocateMisses));
  const limits = load(words, word(FIELD.Depth));
  const depth = limits & 0xffff;
  const sample = {
    depth,
    maximumDepth: limits >>> 16,
    allocates: (totals - load(words, word(FIELD.LastTotalAllocates))) >>> 0,
    misses: (misses - load(words, word(FIELD.LastAllocateMisses))) >>> 0,
  };
  store(words, word(FIELD.LastTotalAllocates), totals);
  store(words, word(FIELD.LastAllocateMisses), misses);
  const next = pressure
    ? Math.min(windowsDepth(sample, tuning.depth), depthUnderPressure(depth, tuning.depth))
    : windowsDepth(sample, tuning.depth);
  store(words, word(FIELD.Depth), (limits & ~0xffff) | next);
}

/**
 * Adjusts every documented list once, whatever the clock says. @throws {LookasideError} ERR_LOCK_STALLED
 */
export function adjustDepths(region: Region, thread: number): void {
  const tuning = readTuning(region);
  if (!hasLists(region)) return; // the lock is not worth a death that holds it
  withListSets(region, thread, () => {
    for (const kind of [0, 1]) {
      const pressure = underPressure(region, kind);
      for (const descriptor of listsOf(region, kind))
        adjustList(region, descriptor, tuning, pressure);
    }
  });
}

/** One visit: adjusts the lists when enough visits have passed since the last adjustment. */
export function visit(region: Region, thread: number): void {
  const { scansPerAdjustment } = readTuning(region);
  const words = region.words;
  let visits = load(words, HEADER.VISITS);
  for (;;) {
    const seen = compareExchange(words, HEADER.VISITS, visits, (visits + 1) | 0);
    if (seen === visits) break; // another thread's visit was counted: count ours after it
    visits = seen;
  }
  if (((visits + 1) >>> 0) % scansPerAdjustment === 0) adjustDepths(region, thread);
  adjustPrice(region);
}

/** Whether a visit is due: its time has come, or is one that nobody put there by the present clock. */
export function isDue(due: number, now: number, periodMs: number): boolean {
  const aheadMs = (due - now) | 0;
  return aheadMs <= 0 || aheadMs > periodMs;
}

/** The host's timers, as far as they are used here; a worklet has none. */
interface TimerHost {
  setInterval?(action: () => void, milliseconds: number): unknown;
  clearInterval?(timer: unknown): void;
}

/**
 * Starts this thread's timer: the visit, if it wins it, and its own part of every visit. Gives back what
 * stops it.
 */
export function startTimer(region: Region, thread: number, ownPart: () => void): () => void {
  const { periodMs } = readTuning(region);
  const host = globalThis as TimerHost;
  if (periodMs === 0 || host.setInterval === undefined) return () => {};
  const makeVisit = (): void => {
    const due = load(region.words, HEADER.NEXT_VISIT); // before the clock: it was put by an earlier time
    const now = Date.now() | 0;
    if (!isDue(due, now, periodMs)) return;
    if (compareExchange(region.words, HEADER.NEXT_VISIT, due, (now + periodMs) | 0) !== due) return;
    try {
      visit(region, thread);
    } catch (error) {
      // Another thread keeps the set of lists: the next visit will do.
      if (!(error instanceof LookasideError)) throw error;
    }
  };
  const timer = host.setInterval(() => {
    makeVisit();
    ownPart();
  }, periodMs);
  (timer as { unref?(): void }).unref?.();
  return () => host.clearInterval?.(timer);
}

/** Sets the time of the first visit. Once, by the creator. */
export function scheduleFirstVisit(region: Region): void {
  store(region.words, HEADER.NEXT_VISIT, (Date.now() + readTuning(region).periodMs) | 0);
}
