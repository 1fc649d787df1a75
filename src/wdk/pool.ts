/**
 * The documented pool routines (semantics section 7) over the pool layer.
 */
import { CHUNK_BYTES, PAGE_BYTES } from "../base/index.js";
import { HEADER, load } from "../memory/index.js";
import { ALREADY_FREE, FREED, IS_PARKED, type Refusal, WRONG_TAG } from "../pool/index.js";
import { pointer, refuse, sizeGiven, sizeText, ulong } from "./arguments.js";
import { checkTag, fence, fencedBytes, freeChecked } from "./checked-pool.js";
import {
  POOL_FLAG_CACHE_ALIGNED,
  POOL_FLAG_NON_PAGED,
  POOL_FLAG_NON_PAGED_EXECUTE,
  POOL_FLAG_PAGED,
  POOL_FLAG_RAISE_ON_FAILURE,
  POOL_FLAG_SESSION,
  POOL_FLAG_SPECIAL_POOL,
  POOL_FLAG_UNINITIALIZED,
  POOL_FLAG_USE_QUOTA,
  POOL_NX_ALLOCATION,
  POOL_QUOTA_FAIL_INSTEAD_OF_RAISE,
  POOL_RAISE_IF_ALLOCATION_FAILURE,
  STATUS_INSUFFICIENT_RESOURCES,
  STATUS_INVALID_PARAMETER,
  STATUS_QUOTA_EXCEEDED,
} from "./constants.js";
import { checkFill } from "./freed-memory.js";
import { demandPoolLevel } from "./irql.js";
import { bugCheck, type Machine, machine } from "./machine.js";
import { BUG_CHECK, StatusError } from "./raise.js";
import { SHORT_WAYS } from "./short-ways.js";
import { tagText } from "./tag.js";

const short = SHORT_WAYS;

const MUST_SUCCEED = 2;
const CACHE_ALIGNED = 4;

/* An own copy of an imported constant: see pool/pool.ts. */
const NX = POOL_NX_ALLOCATION;

/** Whether a value is a ULONG or an address as it stands: what `ulong` and `pointer` would give back. */
function isWord(value: unknown): value is number {
  return typeof value === "number" && value >>> 0 === value;
}

/** Whether a value is a byte count other than 0 as it stands. */
function isByteCount(value: unknown): value is number {
  return typeof value === "number" && (value | 0) === value && value > 0;
}

const PAGES_OF_A_CHUNK = CHUNK_BYTES / PAGE_BYTES;

/** No pool of 32 bits holds more: what is larger fails without a look. */
const BYTES_MAX = 0xffff_0000;

function statusOf(refusal: Refusal): number {
  return refusal === "quota" ? STATUS_QUOTA_EXCEEDED : STATUS_INSUFFICIENT_RESOURCES;
}

/** The allocation behind every routine: NULL on failure, whatever the flags say. */
function allocate(
  here: Machine,
  type: number,
  bytes: number,
  tag: number,
  account: number,
): number {
  const kind = type & 1;
  demandPoolLevel(here, type, 0x01, bytes);
  if (here.checked) checkTag(here, type, tag, bytes);
  const { pool } = here.system;
  const wanted = bytes === 0 ? 1 : bytes;
  if (wanted < 0 || wanted > BYTES_MAX) return pool.refuse("limit");
  // A page or more starts on a page: the size classes see to it, once the request is not below a page.
  const least = here.checked ? fencedBytes(wanted) : 0;
  const nx = (type & POOL_NX_ALLOCATION) !== 0 ? 1 : 0;
  const address = pool.allocate(
    kind,
    wanted,
    tag,
    (type & CACHE_ALIGNED) !== 0,
    nx,
    account,
    least,
  );
  if (address !== 0) {
    if (here.checked) {
      checkFill(here, address);
      fence(here, address, wanted);
    }
    return address;
  }
  if ((type & MUST_SUCCEED) !== 0) {
    const { words } = here.system.region;
    const used = load(words, HEADER.CHUNKS_USED + kind) * PAGES_OF_A_CHUNK;
    const free = load(words, HEADER.CHUNK_LIMIT + kind) * PAGES_OF_A_CHUNK - used;
    const message =
      `Cannot allocate ${sizeText(bytes)} bytes that must succeed under "${tagText(tag)}": ` +
      `the pool has ${used} pages in use and ${free} more`;
    bugCheck(BUG_CHECK.MUST_SUCCEED_POOL_EMPTY, [bytes >>> 0, used, 0, free], message);
  }
  return 0;
}

function raiseFailure(here: Machine, routine: string, bytes: number): never {
  throw new StatusError(
    statusOf(here.system.pool.refusal),
    `${routine} cannot allocate ${sizeText(bytes)} bytes`,
  );
}

/**
 * Allocates pool memory: uninitialized, 16-byte aligned; below a page it crosses no page boundary, from a
 * page up it starts on one.
 *
 * IRQL <= DISPATCH_LEVEL for nonpaged, <= APC_LEVEL for paged pool. Any thread. O(1), two compare-exchanges,
 * for a size that this thread allocated of late. Source: semantics section 7.
 *
 * @param PoolType a POOL_TYPE, with flags: 16 (POOL_RAISE_IF_ALLOCATION_FAILURE) raises on failure.
 * @param NumberOfBytes 0 is treated as 1.
 * @param Tag what the bytes are charged to: {@link tag} makes one of its text.
 * @returns the address, or NULL when the pool's limit is reached.
 * @throws {StatusError} STATUS_INSUFFICIENT_RESOURCES on failure, with POOL_RAISE_IF_ALLOCATION_FAILURE.
 * @throws {BugCheck} 0xC4 with 0x01 or 0x02 when the IRQL is too high for the pool, 0x41 when a must-succeed
 * type fails; in checked mode 0xC4 with 0x00 for zero bytes, 0xC2 with 0x9B, 0x9C or 0x9D for tag 0, "BIG",
 * or one without letter or digit, and 0xCC when the block was written after its last free (address, 1, 0,
 * block; blocks of up to a page).
 * @throws {LookasideError} ERR_ARGUMENT for a value of the wrong type; ERR_LOCK_STALLED, ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot();
 * const block = ExAllocatePoolWithTag(PagedPool, 100, tag("Demo"));
 * console.log(poolUsage(tag("Demo")).Paged.Bytes); // 100
 * ExFreePoolWithTag(block, tag("Demo"));
 * shutdown();
 * ```
 */
export function ExAllocatePoolWithTag(
  PoolType: number,
  NumberOfBytes: number,
  Tag: number,
): number {
  if (!short.gatePaged && isWord(PoolType) && isByteCount(NumberOfBytes) && isWord(Tag)) {
    const nx = (PoolType & NX) !== 0 ? 1 : 0;
    const isPlain = (PoolType & CACHE_ALIGNED) === 0;
    const address = isPlain ? short.pool.allocateShort(PoolType & 1, NumberOfBytes, Tag, nx) : 0;
    if (address !== 0) return address;
  }
  return allocateCarefully(PoolType, NumberOfBytes, Tag);
}

function allocateCarefully(PoolType: number, NumberOfBytes: number, Tag: number): number {
  const here = machine();
  const type = ulong("ExAllocatePoolWithTag", "PoolType", PoolType);
  const bytes = sizeGiven("ExAllocatePoolWithTag", "NumberOfBytes", NumberOfBytes);
  const tag = ulong("ExAllocatePoolWithTag", "Tag", Tag);
  const address = allocate(here, type, bytes, tag, 0);
  if (address === 0 && (type & POOL_RAISE_IF_ALLOCATION_FAILURE) !== 0) {
    raiseFailure(here, "ExAllocatePoolWithTag", bytes);
  }
  return address;
}

/**
 * Allocates pool memory and charges this thread's quota account. IRQL <= DISPATCH_LEVEL for nonpaged, <=
 * APC_LEVEL for paged pool. Any thread. Cost as {@link ExAllocatePoolWithTag}. Source: semantics section 7.
 *
 * @returns the address; NULL on failure only with POOL_QUOTA_FAIL_INSTEAD_OF_RAISE (8) in PoolType.
 * @throws {StatusError} STATUS_QUOTA_EXCEEDED or STATUS_INSUFFICIENT_RESOURCES on failure otherwise.
 * @throws {BugCheck} and {LookasideError} as {@link ExAllocatePoolWithTag}.
 *
 * @example
 * ```ts
 * boot({ quota: { paged: "64 KiB" } });
 * const type = PagedPool | POOL_QUOTA_FAIL_INSTEAD_OF_RAISE;
 * console.log(ExAllocatePoolWithQuotaTag(type, 50_000, tag("Demo")) === NULL); // false
 * console.log(ExAllocatePoolWithQuotaTag(type, 50_000, tag("Demo"))); // 0: the account is full
 * shutdown();
 * ```
 */
export function ExAllocatePoolWithQuotaTag(
  PoolType: number,
  NumberOfBytes: number,
  Tag: number,
): number {
  const here = machine();
  const type = ulong("ExAllocatePoolWithQuotaTag", "PoolType", PoolType);
  const bytes = sizeGiven("ExAllocatePoolWithQuotaTag", "NumberOfBytes", NumberOfBytes);
  const tag = ulong("ExAllocatePoolWithQuotaTag", "Tag", Tag);
  const address = allocate(here, type, bytes, tag, here.account);
  if (address === 0 && (type & POOL_QUOTA_FAIL_INSTEAD_OF_RAISE) === 0) {
    raiseFailure(here, "ExAllocatePoolWithQuotaTag", bytes);
  }
  return address;
}

const POOL2_KINDS = POOL_FLAG_NON_PAGED | POOL_FLAG_NON_PAGED_EXECUTE | POOL_FLAG_PAGED;
const POOL2_KNOWN =
  POOL2_KINDS |
  POOL_FLAG_USE_QUOTA |
  POOL_FLAG_UNINITIALIZED |
  POOL_FLAG_SESSION |
  POOL_FLAG_CACHE_ALIGNED |
  POOL_FLAG_RAISE_ON_FAILURE;

/** A ULONG64 of flags: past 2^53 it is cut, and not valid anyway. */
function flags64(value: unknown): number {
  if (typeof value === "number" || typeof value === "bigint") return Number(value);
  return refuse("ExAllocatePool2", "Flags", value, "a number or a bigint is needed");
}

/** The pool type that POOL_FLAG bits stand for, or -1 when they are not valid. */
function typeOfFlags(flags: number): number {
  const low = flags >= POOL_FLAG_SPECIAL_POOL ? flags - POOL_FLAG_SPECIAL_POOL : flags;
  if (!Number.isSafeInteger(flags) || flags < 0 || low > 0xffff_ffff || (low & ~POOL2_KNOWN) !== 0)
    return -1;
  const kind = low & POOL2_KINDS;
  if (kind === 0 || (kind & (kind - 1)) !== 0) return -1;
  const aligned = (low & POOL_FLAG_CACHE_ALIGNED) !== 0 ? CACHE_ALIGNED : 0;
  if (kind === POOL_FLAG_PAGED) return 1 | aligned;
  return aligned | (kind === POOL_FLAG_NON_PAGED ? POOL_NX_ALLOCATION : 0);
}

/**
 * Allocates pool memory, zeroed unless POOL_FLAG_UNINITIALIZED is given. IRQL <= DISPATCH_LEVEL for
 * nonpaged, <= APC_LEVEL for paged pool. Any thread. Cost as {@link ExAllocatePoolWithTag}, and O(bytes) for
 * the zeros. Source: semantics section 7.
 *
 * @param Flags POOL_FLAG bits, exactly one of which names the pool. POOL_FLAG_SPECIAL_POOL is accepted and
 * has no effect: shared memory has no guard pages.
 * @returns the address; NULL on failure, for tag 0 and for flags that are not valid.
 * @throws {StatusError} in those cases with POOL_FLAG_RAISE_ON_FAILURE: STATUS_INVALID_PARAMETER for the
 * call, STATUS_QUOTA_EXCEEDED or STATUS_INSUFFICIENT_RESOURCES for the memory.
 * @throws {BugCheck} and {LookasideError} as {@link ExAllocatePoolWithTag}.
 *
 * @example
 * ```ts
 * boot();
 * const block = ExAllocatePool2(POOL_FLAG_NON_PAGED, 64, tag("Demo"));
 * console.log(new Uint8Array(memory().buffer, block, 64).every((byte) => byte === 0)); // true
 * console.log(ExAllocatePool2(POOL_FLAG_NON_PAGED | POOL_FLAG_PAGED, 64, tag("Demo"))); // 0
 * shutdown();
 * ```
 */
export function ExAllocatePool2(
  Flags: number | bigint,
  NumberOfBytes: number,
  Tag: number,
): number {
  const here = machine();
  const flags = flags64(Flags);
  const bytes = sizeGiven("ExAllocatePool2", "NumberOfBytes", NumberOfBytes);
  const tag = ulong("ExAllocatePool2", "Tag", Tag);
  const raises = Number.isSafeInteger(flags) && (flags & POOL_FLAG_RAISE_ON_FAILURE) !== 0;
  const type = typeOfFlags(flags);
  if (type < 0 || tag === 0) {
    if (!raises) return 0;
    throw new StatusError(
      STATUS_INVALID_PARAMETER,
      "ExAllocatePool2 cannot use these flags or this tag",
    );
  }
  const account = (flags & POOL_FLAG_USE_QUOTA) !== 0 ? here.account : 0;
  const address = allocate(here, type, bytes, tag, account);
  if (address === 0) return raises ? raiseFailure(here, "ExAllocatePool2", bytes) : 0;
  if ((flags & POOL_FLAG_UNINITIALIZED) === 0) {
    const { region } = here.system;
    region.cover(address + bytes);
    region.bytes.fill(0, address, address + bytes);
  }
  return address;
}

/** Reports a free that freed nothing. Where a pool header is documented, the block stands for it. */
function reportFree(here: Machine, found: number, address: number, tag: number): never {
  const at = `the block at 0x${address.toString(16)}`;
  const { BAD_POOL_CALLER, DRIVER_VERIFIER_DETECTED_VIOLATION } = BUG_CHECK;
  if (found === WRONG_TAG) {
    const own = here.system.pool.inspect(address)?.tag ?? 0;
    bugCheck(
      BAD_POOL_CALLER,
      [0x0a, address, own, tag],
      `Cannot free ${at}: it was allocated under another tag`,
    );
  }
  if (found === ALREADY_FREE) {
    const message = `Cannot free ${at}: it is already free`;
    if (here.checked) bugCheck(DRIVER_VERIFIER_DETECTED_VIOLATION, [0x13, 0, address, 0], message);
    bugCheck(BAD_POOL_CALLER, [0x07, 0, 0, address], message);
  }
  if (found === IS_PARKED) {
    const message = `Cannot free ${at}: it is parked in a lookaside list`;
    bugCheck(DRIVER_VERIFIER_DETECTED_VIOLATION, [0x14, 0, address, 0], message);
  }
  const message = `Cannot free 0x${address.toString(16)}: no block starts there`;
  if (here.checked) bugCheck(DRIVER_VERIFIER_DETECTED_VIOLATION, [0x16, 0, address, 0], message);
  bugCheck(BAD_POOL_CALLER, [0x99, address, 0, 0], message);
}

function free(here: Machine, address: number, tag: number): void {
  const { pool } = here.system;
  const kind = pool.kindAt(address);
  if (kind >= 0) demandPoolLevel(here, kind, 0x11, address);
  const wanted = tag === 0 ? -1 : tag;
  const found = here.checked ? freeChecked(here, address, wanted) : pool.free(address, wanted);
  if (found !== FREED) reportFree(here, found, address, tag);
}

/**
 * Frees pool memory. IRQL <= DISPATCH_LEVEL for nonpaged, <= APC_LEVEL for paged pool. Any thread. O(1), one
 * compare-exchange. Source: semantics section 7.
 *
 * @throws {BugCheck} 0xC2 with 0x07 for a block that is free already, 0x99 for an address where none starts,
 * in checked mode 0xC4 with 0x13 and 0x16 instead; 0xC4 with 0x14 for an entry parked in a list, 0x11 or
 * 0x12 when the IRQL is too high; in checked mode 0x51 for a block written past its end, 0xCC for one that
 * holds an active list.
 * @throws {LookasideError} ERR_ARGUMENT for a value that is no address; ERR_LOCK_STALLED, ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot({ bugChecks: "continue" });
 * const block = ExAllocatePoolWithTag(NonPagedPool, 64, tag("Demo"));
 * ExFreePool(block);
 * try {
 *   ExFreePool(block);
 * } catch (error) {
 *   console.log((error as BugCheck).code === BUG_CHECK.BAD_POOL_CALLER); // true
 * }
 * shutdown();
 * ```
 */
export function ExFreePool(P: number): void {
  if (!short.gatePaged && isWord(P) && short.pool.freeShort(P, -1)) return;
  free(machine(), pointer("ExFreePool", "P", P), 0);
}

/**
 * Frees pool memory that was allocated under a tag; tag 0 fits every block. IRQL, thread and cost as {@link
 * ExFreePool}. Source: semantics section 7.
 *
 * @throws {BugCheck} 0xC2 (0x0A, address, its tag, tag given) when the tag is another one; otherwise as
 * {@link ExFreePool}.
 * @throws {LookasideError} as {@link ExFreePool}, and ERR_ARGUMENT for a tag that is no number.
 *
 * @example
 * ```ts
 * boot();
 * const block = ExAllocatePoolWithTag(NonPagedPool, 64, tag("Demo"));
 * ExFreePoolWithTag(block, tag("Demo"));
 * console.log(queryPoolBlock(block)); // null
 * shutdown();
 * ```
 */
export function ExFreePoolWithTag(P: number, Tag: number): void {
  const isShort = !short.gatePaged && isWord(P) && isWord(Tag) && Tag !== 0;
  if (isShort && short.pool.freeShort(P, Tag)) return;
  const address = pointer("ExFreePoolWithTag", "P", P);
  free(machine(), address, ulong("ExFreePoolWithTag", "Tag", Tag));
}

if (PAGE_BYTES !== 4_096) throw new Error("PAGE_SIZE is part of the documented door");
