/**
 * Whoever recovers: threads that start when another has died.
 */
import { begin, type Program } from "../explorer/index.js";
import type { Machine } from "../stage/machine.js";

/** Names of the recoverers of a plan: as many as may die, but two at most. */
export function recoverersOf(mortal: string): readonly string[] {
  return ["R", "Q"].slice(0, mortal.length);
}

/**
 * A recoverer at a place of the plan. The first one recovers its victim, a later one everybody who died: the
 * victims of those before it are theirs, until they turn out to have died too. Gives back how many cells of
 * channels the dead had claimed.
 */
export function recovererOf(machine: Machine, place: number, isFirst: boolean): Program {
  return (voice) => {
    const region = machine.region();
    const pool = machine.poolOf(place + 1, region);
    begin();
    const { recoverThread } = machine.stage.recovery;
    let cells = 0;
    const recover = (dead: number): void => {
      voice.note(`recover thread ${dead + 1}`);
      const identity = machine.identityOf(dead + 1);
      for (const report of recoverThread(region, pool, identity, "reclaim")) cells += report.cells;
    };
    if (isFirst) recover(voice.victim() - 1);
    else for (let other = 0; other < place; other++) if (voice.isDead(other)) recover(other);
    return cells;
  };
}
