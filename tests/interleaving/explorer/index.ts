/** The explorer: every interleaving of plain functions over shared words, and every death. */
export { begin, exchange, through, wasmDoor, wordsOf } from "./door.js";
export { type Exploration, explore, type Fault, replayText } from "./explore.js";
export {
  type IntendedRace,
  type Limits,
  NO_LIMITS,
  type Plan,
  type RacePair,
  type ThreadPlan,
} from "./plan.js";
export type { Program, Voice } from "./virtual-thread.js";
