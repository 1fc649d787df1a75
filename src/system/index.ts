/** The door `lookaside`: systems, their options, errors. */
export {
  type ByteSize,
  copyOut,
  type DepthEvent,
  ERROR_CODES,
  type ErrorCode,
  fillRandom,
  type ListEvent,
  LookasideError,
  type MissEvent,
  type MisuseEvent,
  type ObserverHooks,
  type OverflowEvent,
  type RecoveryEvent,
  textOf,
  writeText,
} from "../base/index.js";
export {
  Channel,
  type ChannelOptions,
  type ChannelStatistics,
  type WaitOptions,
} from "../channel/index.js";
export {
  Block,
  BlockChannel,
  BlockList,
  type BlockListOptions,
  type BlockListStatistics,
  type DepthPolicy,
  type DepthPolicyOption,
  type DepthSample,
  fixedDepth,
  type Handle,
  IDLE_DEPTH,
  type IdleDepthConstants,
  idleDepth,
  idlePatience,
  NO_HANDLE,
  type NodeBuffer,
  type NoHandle,
  ObjectList,
  type ObjectListOptions,
  type ObjectListStatistics,
  WINDOWS_DEPTH,
  type WindowsDepthConstants,
  windowsDepth,
} from "../list/index.js";
export type { AuditReport, Orphan, OrphanPolicy, RecoveryReport } from "../recovery/index.js";
export type { LockManagerLike, ThreadIdentity, Ticket } from "../threads/index.js";
export type { Leak, LeakSite, ListInstrument } from "./leaks.js";
export type { ListStatistics } from "./open-lists.js";
export type { AttachOptions, DepthTuning, SystemOptions } from "./options.js";
export type {
  BlockListSnapshot,
  BlocksSnapshot,
  DepotSnapshot,
  DocumentedListSnapshot,
  HolderSnapshot,
  ListSnapshot,
  MemorySnapshot,
  ObjectListSnapshot,
  PoolName,
  PoolSnapshot,
  RecoveriesSnapshot,
  RingSnapshot,
  RunSnapshot,
  Snapshot,
  SnapshotOptions,
  TagSnapshot,
  ThreadSnapshot,
} from "./snapshot/schema.js";
export { System } from "./system.js";
export type { ThreadWatch, ThreadWatchOptions } from "./thread-watch.js";
export type { WatchedWorker } from "./worker-watch.js";
