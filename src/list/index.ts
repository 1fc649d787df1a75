/** The door of the list layer: descriptors, the set of lists, depth rules and routines. */
export {
  Block,
  BlockList,
  type BlockListOptions,
  type BlockListStatistics,
  claimedSlots,
  countObtained,
  countRecovered,
  depotContents,
  disownHeld,
  type Handle,
  leaveRecord,
  listNote,
  makeHandle,
  NO_HANDLE,
  type NodeBuffer,
  type NoHandle,
  nameOfRecord,
  PART,
  partOf,
  RECORD,
  type RecordPlace,
  rebuildSlot,
  recordAddresses,
  recordPlaces,
  releasingOf,
  returnCreditsOf,
  sumParts,
  uncountedOf,
  writeListNote,
} from "./block-list/index.js";
export {
  type DepthSample,
  depthUnderPressure,
  WINDOWS_DEPTH,
  type WindowsDepthConstants,
  windowsDepth,
} from "./depth-windows.js";
export {
  ALIGNED_DESCRIPTOR_BYTES,
  DESCRIPTOR_BYTES,
  FIELD,
  INITIAL_DEPTH,
  INITIAL_MAXIMUM_DEPTH,
} from "./descriptor.js";
export {
  createListSets,
  isLinked,
  linkList,
  listsOf,
  mendListSets,
  unlinkList,
  withListSets,
} from "./list-set.js";
export { ObjectList, type ObjectListOptions, type ObjectListStatistics } from "./object-list.js";
export { annexLocks, type FindRoutine, type Routine, Routines } from "./routines.js";
