/** The door of the pool layer: the nonpaged and paged allocator over shared memory. */
export { type AccountOwner, claimAccount } from "./accounts.js";
export { Claims, claimedChunks } from "./claims.js";
export type { BlockRecord } from "./inspect.js";
export { completeLowResources, type LowResourcesOptions } from "./low-resources.js";
export { mendRuns } from "./mend.js";
export {
  ALREADY_FREE,
  FREED,
  IS_PARKED,
  NOT_A_BLOCK,
  type Refusal,
  WRONG_TAG,
} from "./outcome.js";
export { Pool } from "./pool.js";
export { ACCOUNTS, NO_QUOTA_LIMIT, quotaUsed, setQuotaLimit } from "./quota.js";
export { NONPAGED, PAGED } from "./run-table.js";
export { type SharedTagUsage, sharedTagUsage } from "./shared-tags.js";
export { simulateIn } from "./simulation.js";
export { SIZE_CLASSES, SLAB_BLOCK_BYTES_MAX } from "./size-classes.js";
export { addressAt, stateIndex } from "./slab.js";
export {
  CACHED,
  DEPOT,
  generationOf,
  HELD,
  kindOf,
  MARK,
  MARKED_BYTES_MIN,
  PARKED,
  SHOWN,
  stateWord,
  subjectOf,
} from "./state-word.js";
export { type RunSurvey, type RunTableSurvey, surveyBlocks, surveyRuns } from "./survey.js";
export {
  readTally,
  type TagUsage,
  type TallyReading,
  tagAt,
  tagText,
  tagUsage,
} from "./tags.js";
export { type AllocationCounts, allocationCounts } from "./verifier-counters.js";
export { type BlockVisitor, walkBlocks, walkOwned } from "./walk.js";
