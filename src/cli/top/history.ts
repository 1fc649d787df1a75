/**
 * How depth moved: the last depths of each list, as many as a trend may be wide.
 */
import type { Snapshot } from "../../system/index.js";

/** Depths that are kept of a list. */
export const HISTORY_LENGTH = 60;

/** Last depths of every list that is there, oldest first. */
export class DepthHistory {
  readonly #depths = new Map<string, number[]>();

  /** Notes a snapshot; forgets lists that have gone. */
  note({ lists }: Snapshot): void {
    const there = new Set<string>();
    for (const { id, depth } of lists) {
      there.add(id);
      const depths = this.#depths.get(id);
      if (depths === undefined) this.#depths.set(id, [depth]);
      else if (depths.push(depth) > HISTORY_LENGTH) depths.shift();
    }
    for (const id of this.#depths.keys()) if (!there.has(id)) this.#depths.delete(id);
  }

  /** Last depths of a list. */
  of(id: string): readonly number[] {
    return this.#depths.get(id) ?? [];
  }
}
