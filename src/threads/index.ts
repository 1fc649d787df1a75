/** The door of the threads layer: who is attached, and how one attaches. */
export { GATE_CHECKED, GATE_NONPAGED, GATE_PAGED, gateWord } from "./gates.js";
export { enterHost, exitProves, type HostThread, UNKNOWN_HOST } from "./host-thread-node.js";
export {
  aliveThreads,
  attachedThreads,
  claimRecovery,
  claimThread,
  countRecovered,
  endRecovery,
  hostOf,
  inheritRecoveries,
  isAlive,
  isAttached,
  isRecoveredBy,
  readThreads,
  recoveredThreads,
  releaseThread,
  type ThreadIdentity,
  type ThreadReading,
  threadsEndedWith,
} from "./thread-table.js";
export { attachByTicket, isTicket, type Ticket, ticketOf } from "./ticket.js";
export {
  grantsProve,
  holdLock,
  holdsLock,
  hostLocks,
  type LockManagerLike,
  lockName,
  lockPrefix,
} from "./web-locks.js";
