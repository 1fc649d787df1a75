/** Block lists: a ring for each thread in front of a shared depot. */
export { Block } from "./block.js";
export { BlockChannel } from "./block-channel.js";
export { BlockList } from "./block-list.js";
export { disownHeld } from "./disown.js";
export {
  generationOfHandle,
  type Handle,
  isHandle,
  makeHandle,
  NO_HANDLE,
  type NoHandle,
  placeOfHandle,
} from "./handle.js";
export type { NodeBuffer } from "./node-buffer.js";
export type { BlockListOptions } from "./options.js";
export { isStill, type RecordReading, readRecord } from "./reading.js";
export {
  DELETED as LIST_DELETED,
  forgetDesertedRecords,
  isListNote,
  leaveRecord,
  listNote,
  nameOfRecord,
  noteOf,
  noteOfSerial,
  PART,
  partOf,
  RECORD,
  type RecordPlace,
  recordAddresses,
  recordPlaces,
  writeListNote,
} from "./record.js";
export {
  claimedSlots,
  count,
  countedInRing,
  countObtained,
  depotContents,
  drainDepot,
  hasOpen,
  noteReleasing,
  rebuildSlot,
  releasingOf,
  returnCreditsOf,
  settleCounters,
  uncountedOf,
  wasObtaining,
} from "./repair.js";
export { type BlockListStatistics, sumParts } from "./statistics.js";
