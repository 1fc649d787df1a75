/**
 * What a block-list scenario is made with.
 */
import type { BlockListOptions } from "#src/list/index.js";

/** Bytes of a block: a slab has four. */
const SIZE = 16_384;

/** What is explored. */
export interface Setting {
  readonly programs: readonly string[];
  readonly depth: number;
  readonly batch: number;
  readonly chunks?: number;
  /** Whether depth follows use: visits and ticks are made by the programs. */
  readonly tunes?: boolean;
  /** Names of those that may die: threads A, B, C and recoverer R. */
  readonly mortal?: string;
  /** A bound on preemptions, where all schedules are too many. */
  readonly preemptions?: number;
}

export function optionsOf({ depth, batch, tunes = false }: Setting): BlockListOptions {
  const policy = tunes ? ({ name: "idle", idleTicks: 1, minimumDepth: 1 } as const) : "fixed";
  return { tag: "Expl", size: SIZE, policy, depth, maximumDepth: Math.max(4, depth), batch };
}

/** The channel that blocks go through. */
export const CHANNEL = { name: "Expl", capacity: 2 };

export function hasChannel({ programs }: Setting): boolean {
  return programs.some((program) => /[<>]/.test(program));
}
