/**
 * Options of a channel: unit, default and bound of each, validated here and nowhere else.
 */
import {
  CHANNEL_CAPACITY_MAX,
  isWellFormed,
  LIST_NAME_BYTES_MAX,
  LookasideError,
  onlyKnown,
  show,
  utf8Of,
  wholeNumber,
} from "../base/index.js";

/** What a channel is made with. Every thread that opens it gives the same name and capacity. */
export interface ChannelOptions {
  /** Name that every thread opens it by: 1 to 80 bytes of UTF-8. */
  readonly name: string;
  /**
   * Values that it holds at most: 1 to 65,536, rounded up to a power of two. Default 256. Each costs 16
   * bytes of nonpaged pool, besides 128 bytes for each thread that the system can have.
   */
  readonly capacity?: number;
}

/** How long to wait. */
export interface WaitOptions {
  /** Milliseconds to wait at most: 0 or more, Infinity by default. */
  readonly timeoutMs?: number;
  /** Ends the wait: its reason is thrown. */
  readonly signal?: AbortSignal;
}

/** The options of a channel, checked and complete. */
export interface CompleteChannelOptions {
  readonly name: string;
  readonly nameBytes: Uint8Array;
  /** The channel has 2^shift cells. */
  readonly shift: number;
}

const CAPACITY_DEFAULT = 256;

function refuse(name: string, value: unknown, wanted: string): never {
  const message = `Cannot use ${show(value)} as ${name}: it must be ${wanted}`;
  throw new LookasideError("ERR_OPTION", message);
}

/**
 * Checks the options of a channel.
 * @throws {LookasideError} ERR_OPTION, naming the option, the value and the bound.
 */
export function completeChannelOptions(options: ChannelOptions): CompleteChannelOptions {
  if (typeof options !== "object" || options === null) refuse("the options", options, "an object");
  onlyKnown("a channel", options, ["name", "capacity"]);
  const { name } = options;
  if (typeof name !== "string" || name.length === 0) refuse("name", name, "a text of its own");
  if (!isWellFormed(name)) refuse("name", name, "text of whole characters");
  const nameBytes = utf8Of(name);
  if (nameBytes.length > LIST_NAME_BYTES_MAX)
    refuse("name", name, `at most ${LIST_NAME_BYTES_MAX} bytes`);
  const asked = options.capacity ?? CAPACITY_DEFAULT;
  const capacity = wholeNumber("capacity", asked, 1, CHANNEL_CAPACITY_MAX);
  return { name, nameBytes, shift: Math.ceil(Math.log2(capacity)) };
}

/**
 * Checks how long to wait. Gives back the milliseconds. @throws {LookasideError} ERR_ARGUMENT
 */
export function waitOf(options: WaitOptions): number {
  onlyKnown("a wait", options, ["timeoutMs", "signal"], { code: "ERR_ARGUMENT" });
  const { signal } = options;
  if (signal !== undefined && typeof signal?.throwIfAborted !== "function") {
    const message = `Cannot use ${show(signal)} as signal: it must be an AbortSignal`;
    throw new LookasideError("ERR_ARGUMENT", message);
  }
  return timeOf(options.timeoutMs);
}

/**
 * Gives back a time to wait in milliseconds when it is one.
 * @throws {LookasideError} ERR_ARGUMENT
 */
export function timeOf(value: number | undefined): number {
  const time = value ?? Number.POSITIVE_INFINITY;
  if (typeof time === "number" && time >= 0) return time;
  throw new LookasideError(
    "ERR_ARGUMENT",
    `Cannot wait for ${show(value)} milliseconds: it must be 0 or more`,
  );
}
