/**
 * The door `lookaside/guest`: WebAssembly modules, compiled from C or another language, as drivers of this
 * thread's machine.
 */
export {
  type Guest,
  type GuestFunction,
  type GuestFunctions,
  type GuestSource,
  loadGuest,
} from "./guest.js";
export type { GuestImports, GuestOptions } from "./options.js";
export { type GuestRoutine, SIGNATURES } from "./signatures.js";
