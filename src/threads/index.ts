/** The door of the threads layer: who is attached, and how one attaches. */
export { GATE_CHECKED, GATE_NONPAGED, GATE_PAGED, gateWord } from "./gates.js";
export { hostThread, UNKNOWN_HOST } from "./host-thread-node.js";
export {
  attachedThreads,
  claimRecovery,
  claimThread,
  endRecovery,
  inheritRecoveries,
  isAttached,
  readThreads,
  releaseThread,
  type ThreadIdentity,
  type ThreadReading,
  threadsOfHost,
} from "./thread-table.js";
export { attachByTicket, isTicket, type Ticket, ticketOf } from "./ticket.js";
