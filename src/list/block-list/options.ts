/**
 * Options of a block list: unit, default and bound of each, validated here and nowhere else.
 */
import {
  type ByteSize,
  bytesOf,
  isWellFormed,
  LIST_NAME_BYTES_MAX,
  LookasideError,
  onlyKnown,
  show,
  truthValue,
  utf8Of,
  wholeNumber,
} from "../../base/index.js";
import { NONPAGED, PAGED } from "../../pool/index.js";
import {
  type CompletePolicy,
  completePolicy,
  type DepthPolicyOption,
  firstDepth,
} from "../depth/index.js";

/** What a block list is made with. Every thread that opens it gives the same name (or tag) and size. */
export interface BlockListOptions {
  /** One to four printable characters that its blocks are counted under. */
  readonly tag: string;
  /** Name that other threads open it by: up to 80 bytes of UTF-8. Default: the tag. */
  readonly name?: string;
  /** Bytes of each block, or text such as "4 KiB": 1 byte to 16 MiB. */
  readonly size: ByteSize;
  /** Pool that the blocks come from. Default "nonPaged". */
  readonly pool?: "nonPaged" | "paged";
  /**
   * How depth is set as the list is used: "idle", "windows", "fixed", one of these with parameters, or a
   * function of its own (see {@link DepthPolicy}). The list keeps what it was made with; a thread that
   * opens it may leave it out, except to give a function of its own. Default "idle".
   */
  readonly policy?: DepthPolicyOption;
  /**
   * Blocks that may be parked over all threads at first: 0 to maximumDepth. The policy goes on from there.
   * Default: 4, or what the policy says is the least; with "fixed" maximumDepth.
   */
  readonly depth?: number;
  /** Ceiling of depth: 0 to 16,384 blocks. Default 256. */
  readonly maximumDepth?: number;
  /**
   * Blocks that move between a thread and the depot at a time: 1 to 64. Default: an eighth of
   * maximumDepth, 4 to 32.
   */
  readonly batch?: number;
  /** Throw ERR_OUT_OF_MEMORY when the pool has no room, instead of giving back null. Default false. */
  readonly raise?: boolean;
}

/** The same, checked and complete. */
export interface CompleteBlockListOptions {
  readonly name: string;
  readonly nameBytes: Uint8Array;
  readonly tag: number;
  readonly size: number;
  readonly kind: number;
  readonly depth: number;
  readonly maximumDepth: number;
  readonly batch: number;
  readonly slots: number;
  readonly raise: boolean;
  readonly policy: CompletePolicy;
  /** Whether the caller said which policy it wants. */
  readonly isPolicyGiven: boolean;
}

const BLOCK_LIST_OPTIONS = [
  "tag",
  "name",
  "size",
  "pool",
  "policy",
  "depth",
  "maximumDepth",
  "batch",
  "raise",
];

const SIZE_MAX = 16 * 2 ** 20;
const DEPTH_MAX = 16_384;

/** Slots of a depot: a slot's number must fit the subject of a state word. */
const SLOTS_MAX = 255;

function refuse(name: string, value: unknown, wanted: string): never {
  throw new LookasideError(
    "ERR_OPTION",
    `Cannot use ${show(value)} as ${name}: it must be ${wanted}`,
  );
}

function tagWord(value: unknown): number {
  if (typeof value !== "string" || !/^[ -~]{1,4}$/.test(value)) {
    refuse("tag", value, "one to four printable characters");
  }
  const padded = value.padEnd(4, " ");
  let word = 0;
  for (let at = 0; at < 4; at++) word |= padded.charCodeAt(at) << (at * 8);
  return word >>> 0;
}

/**
 * Checks the options of a block list.
 * @throws {LookasideError} ERR_OPTION, naming the option, the value and the bound.
 */
export function completeBlockListOptions(options: BlockListOptions): CompleteBlockListOptions {
  if (typeof options !== "object" || options === null) refuse("the options", options, "an object");
  onlyKnown("a block list", options, BLOCK_LIST_OPTIONS);
  const tag = tagWord(options.tag);
  const name = options.name ?? options.tag;
  if (typeof name !== "string" || name.length === 0) refuse("name", name, "a text of its own");
  if (!isWellFormed(name)) refuse("name", name, "text of whole characters");
  const nameBytes = utf8Of(name);
  if (nameBytes.length > LIST_NAME_BYTES_MAX)
    refuse("name", name, `at most ${LIST_NAME_BYTES_MAX} bytes`);
  const pool = options.pool ?? "nonPaged";
  if (pool !== "nonPaged" && pool !== "paged") refuse("pool", pool, '"nonPaged" or "paged"');
  const maximumDepth = wholeNumber("maximumDepth", options.maximumDepth ?? 256, 0, DEPTH_MAX);
  const usual = Math.min(32, Math.max(4, Math.floor(maximumDepth / 8)));
  const batch = wholeNumber("batch", options.batch ?? usual, 1, 64);
  const policy = completePolicy(options.policy);
  return {
    name,
    nameBytes,
    tag,
    size: bytesOf("size", options.size, 1, SIZE_MAX),
    kind: pool === "paged" ? PAGED : NONPAGED,
    depth: wholeNumber("depth", options.depth ?? firstDepth(policy, maximumDepth), 0, maximumDepth),
    maximumDepth,
    batch,
    slots: Math.min(SLOTS_MAX, Math.ceil(maximumDepth / batch)),
    raise: truthValue("raise", options.raise ?? false),
    policy,
    isPolicyGiven: options.policy !== undefined,
  };
}
