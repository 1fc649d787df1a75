/** The door `lookaside/verifier`: help against leaks, for tests and for the hunt in production. */
export type { DroppedBlock } from "./verified-list.js";
export { type VerifierOptions, verify } from "./verify.js";
