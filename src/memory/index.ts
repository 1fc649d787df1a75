/** The door of the memory layer: words, their map, interlocked operations, regions and owner locks. */

export { type HostAbilities, hostAbilities } from "./host-abilities.js";
export { type Bridge, bindBridge } from "./interlocked/bridge.js";
export { bindInterlocked, type Interlocked } from "./interlocked/interlocked.js";
export {
  CAREFUL_SIMULATING,
  CAREFUL_STOPPED,
  CLASSES,
  HEADER,
  LAYOUT_VERSION,
  type Layout,
  layoutFor,
  MAGIC,
  POOL_KINDS,
} from "./layout.js";
export { hasName, readName, writeName } from "./name.js";
export {
  acquireLock,
  limitPatience,
  lockOwner,
  releaseLock,
  tryLock,
  withPatience,
} from "./owner-lock.js";
export { isOpenAnywhere, recordEntries, vacantNumber } from "./record-table.js";
export { attachRegion, createRegion, Region } from "./region.js";
export { compileModule, instantiate, makeGlobal, makeTable } from "./webassembly.js";
export {
  add,
  and,
  compareExchange,
  load,
  or,
  peek,
  poke,
  store,
  type Words,
  waitBriefly,
  waitLightly,
  wake,
} from "./words.js";
