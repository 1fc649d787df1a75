/** The door of the recovery layer: what happens after the proven end of a thread, and the audit. */
export { type AuditReport, audit } from "./audit.js";
export { recoverThread } from "./recover.js";
export {
  type Orphan,
  type OrphanPolicy,
  type RecoveryCounts,
  type RecoveryReport,
  recoveryCounts,
} from "./report.js";
