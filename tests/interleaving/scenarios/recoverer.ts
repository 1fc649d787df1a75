/**
 * Whoever recovers: threads that start when another has died.
 */
import { begin, type Program } from "../explorer/index.js";
import type { Machine } from "../stage/machine.js";

/**
 * Names of the recoverers of a plan, by the names of those who may die. A second one when the first may die,
 * and when two threads may die: "AB" is either of them, "AB+" both.
 */
export function recoverersOf(mortal: string): readonly string[] {
  if (mortal === "") return [];
  return /[R+]/.test(mortal) ? ["R", "Q"] : ["R"];
}

/**
 * A recoverer at a place of the plan. The first one recovers its victim, a later one everybody who died: the
 * victims of those before it are theirs, until they turn out to have died too. A victim of its own that was
 * no recoverer comes first, for nobody else will give back the locks that it held. Gives back how many cells
 * of channels the dead had claimed.
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
    const victim = voice.victim() - 1;
    const isRecoverer = !isFirst && victim === place - 1;
    if (!isRecoverer) recover(victim);
    for (let other = 0; !isFirst && other < place; other++) {
      if ((isRecoverer || other !== victim) && voice.isDead(other)) recover(other);
    }
    return cells;
  };
}
