/**
 * Channels after a death: what the dead thread had claimed in them, and the blocks it had sent through them.
 *
 * What a channel is knows nothing of blocks; what a handle in it names is decided here, by the state word.
 */
import { type ChannelRepair, repairChannels } from "../channel/index.js";
import { generationOfHandle, isHandle, placeOfHandle } from "../list/index.js";
import { load, type Region } from "../memory/index.js";
import { generationOf, kindOf, type Pool, SHOWN } from "../pool/index.js";

/** Whether a value is the handle of a block that can still be adopted. */
export function isAdoptable(region: Region, value: number): boolean {
  if (!isHandle(value)) return false;
  const { layout } = region;
  const place = placeOfHandle(value);
  if (place >= layout.chunkCapacity * layout.shadowWords) return false;
  const seen = load(region.words, layout.shadow + place);
  return kindOf(seen) === SHOWN && generationOf(seen) === generationOfHandle(value);
}

/** Repairs what a dead thread had claimed, and tells which values lie in channels. */
export function recoverChannels(region: Region, pool: Pool, dead: number): ChannelRepair {
  return repairChannels(region, pool, dead, (value) => !isAdoptable(region, value));
}
