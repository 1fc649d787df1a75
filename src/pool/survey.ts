/**
 * Surveys of the pool for those who look on from outside: which runs and slabs there are, and what is in
 * them. Reads only. Nobody is stopped: a slab may be made or taken apart meanwhile, so sums over a survey
 * are exact when no thread is inside the pool, and near it otherwise.
 */
import { peek, type Region } from "../memory/index.js";
import {
  chunkByte,
  entryAt,
  firstChunkOf,
  PAGED,
  payloadOf,
  poolKindOf,
  RUN,
  SLAB,
  typeOf,
  UNUSED,
} from "./run-table.js";
import { blockOffset, SIZE_CLASSES, type SizeClass } from "./size-classes.js";
import { classOfSlot, stateIndex } from "./slab.js";
import { FREE, HELD, kindOf, SHOWN } from "./state-word.js";

/** One slab, or one run that is a block of its own. */
export interface RunSurvey {
  /** Number of its first chunk, and how many it has. */
  readonly chunk: number;
  readonly chunks: number;
  /** 0 nonpaged, 1 paged. */
  readonly kind: number;
  readonly isSlab: boolean;
  /** Bytes of each block, and how many there are. */
  readonly blockBytes: number;
  readonly blocks: number;
}

/** What lies in one of them. */
export interface BlockSurvey extends RunSurvey {
  /** Blocks in nobody's hands and in no list. */
  readonly free: number;
  readonly held: number;
  /** Blocks in a list's hands. */
  readonly parked: number;
}

/** The run table as a whole. */
export interface RunTableSurvey {
  readonly runs: RunSurvey[];
  /** Chunks in no slab and no run, and the most of them that lie side by side. */
  readonly unused: number;
  readonly largestUnused: number;
}

/** Reads the run table: 4 ns a chunk. */
export function surveyRuns(region: Region): RunTableSurvey {
  const { chunkCapacity } = region.layout;
  const runs: RunSurvey[] = [];
  let unused = 0;
  let [length, largestUnused] = [0, 0];
  const border = firstChunkOf(region, PAGED);
  for (let chunk = 0; chunk < chunkCapacity; chunk++) {
    const entry = entryAt(region, chunk);
    if (chunk === border) length = 0; // no run has chunks of both pools
    if (typeOf(entry) === UNUSED) {
      unused++;
      length++;
      if (length > largestUnused) largestUnused = length;
      continue;
    }
    length = 0;
    if (typeOf(entry) !== SLAB && typeOf(entry) !== RUN) continue;
    runs.push(runOf(chunk, entry));
  }
  return { runs, unused, largestUnused };
}

function runOf(chunk: number, entry: number): RunSurvey {
  const kind = poolKindOf(entry);
  if (typeOf(entry) === RUN) {
    const chunks = payloadOf(entry);
    return { chunk, chunks, kind, isSlab: false, blockBytes: chunks * 65_536, blocks: 1 };
  }
  const geometry = SIZE_CLASSES[classOfSlot(payloadOf(entry))] as SizeClass;
  const { chunks, blockBytes, blocks } = geometry;
  return { chunk, chunks, kind, isSlab: true, blockBytes, blocks };
}

/** Looks at every block of some runs, and shows each that is not free to `visit`. About 3 ns a block. */
export function surveyBlocks(
  region: Region,
  runs: readonly RunSurvey[],
  visit: (state: number, seen: number, blockBytes: number) => void,
): BlockSurvey[] {
  return runs.map((run) => {
    const sizeClass = SIZE_CLASSES.findIndex(({ blockBytes }) => blockBytes === run.blockBytes);
    const first = stateIndex(region, chunkByte(region, run.chunk));
    let [free, held, parked] = [0, 0, 0];
    for (let block = 0; block < run.blocks; block++) {
      const state = run.isSlab ? first + (blockOffset(sizeClass, block) >>> 4) : first;
      const seen = peek(region.words, state);
      const kind = kindOf(seen);
      if (kind < 8) continue; // just being made, or taken apart
      if (kind === FREE) {
        free++;
        continue;
      }
      if (kind === HELD || kind === SHOWN) held++;
      else parked++;
      visit(state, seen, run.blockBytes);
    }
    return { ...run, free, held, parked };
  });
}
