/** The door of the channel layer: bounded queues of numbers in shared memory. */
export { FILL, STATUS_NAMES, TAKE } from "./cell.js";
export { Channel } from "./channel.js";
export type { ChannelOptions, WaitOptions } from "./options.js";
export {
  type ChannelPlace,
  channelAddresses,
  channelPlaces,
  forgetDesertedChannels,
  nameOfChannel,
} from "./record.js";
export {
  type CellContents,
  type ChannelRepair,
  contentsOfChannel,
  repairChannels,
} from "./repair.js";
export type { ChannelStatistics } from "./statistics.js";
