/**
 * The one table of error codes and the one error class of the library.
 *
 * A programmer's mistake is always a `LookasideError` with a code from this table; an expected outcome
 * (a limit reached, an empty list) is a value, never an exception. A message names the action, the
 * value and the bound, so that it can be read in a log without the source at hand.
 */

/** Every code a `LookasideError` may carry, with the sentence that explains it. */
export const ERROR_CODES = {
  ERR_OPTION: "an option has the wrong type or is out of its bounds",
  ERR_ARGUMENT: "an argument has the wrong type or is out of its bounds",
  ERR_NOT_ATTACHED: "this thread has not attached to a system",
  ERR_ALREADY_ATTACHED: "this thread is already attached to a system",
  ERR_TICKET: "the value is not a ticket of this version of the library",
  ERR_LAYOUT_VERSION: "the memory was made by a version of the library with another layout",
  ERR_THREADS_FULL: "the thread table of the system is full",
  ERR_SYSTEM_CLOSED: "the system has been closed",
  ERR_MEMORY: "the host refused the shared memory",
  ERR_NO_SHARED_MEMORY: "this host offers no shared WebAssembly memory",
  ERR_ROUTINE_MISSING: "the routine is not registered in this thread",
  ERR_ROUTINE_NAME: "the name of the routine is not usable",
  ERR_ROUTINES_FULL: "the routine table of the system is full",
  ERR_LOCK_STALLED: "another thread kept a lock longer than any live holder does",
  ERR_DOUBLE_FREE: "the block is free already",
  ERR_NOT_OWNER: "another thread holds the block",
  ERR_FOREIGN_BLOCK: "the block belongs to another list",
  ERR_STALE_HANDLE: "the handle names a block that has been freed or adopted since",
  ERR_LIST_DELETED: "the list has been deleted",
  ERR_LISTS_FULL: "the system holds as many block lists as it can",
  ERR_LIST_MISMATCH: "the list exists with other options",
  ERR_CHANNEL_DELETED: "the channel has been deleted, or this thread has left it",
  ERR_CHANNELS_FULL: "the system holds as many channels as it can",
  ERR_CHANNEL_MISMATCH: "the channel exists with other options",
  ERR_WAIT_FORBIDDEN: "the host does not let this thread wait in this way",
  ERR_DEPTH_POLICY: "the depth policy of a list threw, or gave what is no number",
  ERR_NOT_EMPTY: "something is held that should have been freed",
  ERR_OUT_OF_MEMORY: "the pool has no room",
  ERR_NO_LOCKS: "this thread has no lock manager",
  ERR_UNSUPPORTED: "this host does not offer what the call needs",
  ERR_LISTEN: "the host refused the address or port to listen on",
  ERR_GUEST: "the WebAssembly guest does not fit the system",
} as const;

/** A code of {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES;

/**
 * A mistake in the use of the library, or a refusal of the host.
 *
 * @example
 * ```ts
 * try {
 *   System.create({ nonPaged: -1 });
 * } catch (error) {
 *   if (error instanceof LookasideError) console.log(error.code); // ERR_OPTION
 * }
 * ```
 */
export class LookasideError extends Error {
  override readonly name = "LookasideError";
  /** The stable code: compare this, never the message. */
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
