/**
 * The map of the memory as cells: how many fit, how many chunks each stands for, and what is in each. Pure
 * functions; memory-view.ts draws them.
 */
import type { MemoryFrame, RunNumbers } from "./wire.js";

/** A grid that fits into a width. */
export interface Grid {
  /** Side of a cell and the gap behind it, in CSS pixels. */
  readonly side: number;
  readonly gap: number;
  readonly columns: number;
  readonly rows: number;
  readonly chunksPerCell: number;
}

/** What is in one cell, as shares of it: what is missing to 1 is in no run. */
export interface Cell {
  held: number;
  parked: number;
  free: number;
  /** Of all three, how much is paged pool's. */
  paged: number;
  /** Whether the memory has grown this far. */
  grown: boolean;
  /** Whether the same run goes on in the next cell. */
  goesOn: boolean;
}

const SIDES = [26, 22, 18, 14, 11, 9, 7] as const;
const ROWS_MAX = 14;

/** The largest cells of which all chunks fit into 14 rows; beyond that, a cell stands for several. */
export function gridOf(width: number, chunks: number): Grid {
  const count = Math.max(1, chunks);
  let side = SIDES[SIDES.length - 1] as number;
  for (const candidate of SIDES) {
    if (Math.ceil(count / columnsOf(width, candidate)) > ROWS_MAX) continue;
    side = candidate;
    break;
  }
  const columns = columnsOf(width, side);
  const chunksPerCell = Math.ceil(count / (columns * ROWS_MAX));
  const rows = Math.ceil(Math.ceil(count / chunksPerCell) / columns);
  return { side, gap: gapOf(side), columns, rows, chunksPerCell };
}

function gapOf(side: number): number {
  return side >= 14 ? 2 : 1;
}

function columnsOf(width: number, side: number): number {
  return Math.max(1, Math.floor((width + gapOf(side)) / (side + gapOf(side))));
}

/** Chunks that the map shows: those that the memory has grown to, and 64 at least. */
export function chunksShown({ chunkCapacity, chunksGrown, runs }: MemoryFrame): number {
  const last = runs.at(-1);
  const used = last === undefined ? 0 : last[0] + last[1];
  return Math.min(chunkCapacity, Math.max(64, chunksGrown, used));
}

/** What each cell holds. */
export function cellsOf(frame: MemoryFrame, chunks: number, chunksPerCell: number): Cell[] {
  const count = Math.ceil(chunks / chunksPerCell);
  const cells: Cell[] = Array.from({ length: count }, (_, index) => ({
    held: 0,
    parked: 0,
    free: 0,
    paged: 0,
    grown: index * chunksPerCell < frame.chunksGrown,
    goesOn: false,
  }));
  for (const run of frame.runs) fill(cells, run, chunksPerCell);
  return cells;
}

function fill(cells: Cell[], run: RunNumbers, chunksPerCell: number): void {
  const [chunk, chunks, pool, , , free, held, parked] = run;
  const blocks = Math.max(1, free + held + parked);
  for (let index = chunk; index < chunk + chunks; index++) {
    const cell = cells[Math.floor(index / chunksPerCell)];
    if (cell === undefined) return;
    cell.grown = true;
    cell.held += held / blocks / chunksPerCell;
    cell.parked += parked / blocks / chunksPerCell;
    cell.free += free / blocks / chunksPerCell;
    if (pool === 1) cell.paged += 1 / chunksPerCell;
    if (chunksPerCell === 1 && index < chunk + chunks - 1) cell.goesOn = true;
  }
}

/** The run at a chunk, or null. Runs are in order of address. */
export function runAt(runs: readonly RunNumbers[], chunk: number): RunNumbers | null {
  let [low, high] = [0, runs.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const run = runs[middle] as RunNumbers;
    if (chunk < run[0]) high = middle - 1;
    else if (chunk >= run[0] + run[1]) low = middle + 1;
    else return run;
  }
  return null;
}

/** Runs of one pool, kind and size of blocks, taken together. */
export interface RunGroup {
  readonly pool: "nonpaged" | "paged";
  readonly kind: "slab" | "run";
  readonly blockBytes: number;
  runs: number;
  chunks: number;
  free: number;
  held: number;
  parked: number;
}

/** The same memory as a table: what the map says, in words. Slabs by size of blocks; large runs together. */
export function groupsOf(runs: readonly RunNumbers[]): RunGroup[] {
  const groups = new Map<string, RunGroup>();
  for (const [, chunks, pool, kind, blockBytes, free, held, parked] of runs) {
    const size = kind === 1 ? 0 : blockBytes;
    const key = `${pool} ${kind} ${size}`;
    const group: RunGroup = groups.get(key) ?? {
      pool: pool === 1 ? "paged" : "nonpaged",
      kind: kind === 1 ? "run" : "slab",
      blockBytes: size,
      runs: 0,
      chunks: 0,
      free: 0,
      held: 0,
      parked: 0,
    };
    group.runs++;
    group.chunks += chunks;
    group.free += free;
    group.held += held;
    group.parked += parked;
    groups.set(key, group);
  }
  return [...groups.values()].sort((left, right) => right.chunks - left.chunks);
}
