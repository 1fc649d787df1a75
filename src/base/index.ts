/** The door of the lowest layer: errors, bounds, sizes, limits and layouts of reports. It imports nothing. */
export { onlyKnown, show, truthValue, wholeNumber } from "./bounds.js";
export { now } from "./clock.js";
export { copyOut, fillRandom, textOf, writeText } from "./copy-out.js";
export {
  columnsOf,
  hitPercent,
  lookasideLayout,
  NO_NUMBERS,
  POOLMON_HEADING,
  POOLMON_TAG_WIDTH,
  poolmonRow,
  type TagNumbers,
} from "./debugger-layouts.js";
export { ERROR_CODES, type ErrorCode, LookasideError } from "./errors.js";
export { Faults } from "./faults.js";
export {
  BLOCK_ALIGNMENT_BYTES,
  BLOCK_LISTS_MAX,
  CHANNEL_CAPACITY_MAX,
  CHANNELS_MAX,
  CHUNK_BYTES,
  LIST_NAME_BYTES_MAX,
  MEMORY_BYTES_MAX,
  PAGE_BYTES,
  POOL_BYTES_MAX,
  ROUTINE_NAME_BYTES_MAX,
  ROUTINES_MAX,
  TAGS_MAX,
  THREADS_DEFAULT,
  THREADS_MAX,
  WORD_BYTES,
} from "./limits.js";
export {
  type DepthEvent,
  demandHooks,
  type ListEvent,
  type MissEvent,
  type MisuseEvent,
  OBSERVED,
  type ObserverHooks,
  Observers,
  type OverflowEvent,
  type RecoveryEvent,
} from "./observers.js";
export { type ByteSize, bytesOf } from "./sizes.js";
export { isWellFormed, textOfUtf8, utf8Of } from "./utf8.js";
