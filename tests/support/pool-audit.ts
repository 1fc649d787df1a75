/**
 * The pool held against its own invariants, by a second reading of every shared word: run table, slab maps,
 * class maps, state words, bills, tallies, quotas. Nothing here is shared with the code under test but the
 * layout and the packing of words, which have tests of their own.
 *
 * For a pool that stands still: no thread may be inside an operation.
 */
import { BLOCK_ALIGNMENT_BYTES, CHUNK_BYTES, PAGE_BYTES, TAGS_MAX } from "#src/base/index.js";
import { CLASSES, HEADER, POOL_KINDS, type Region } from "#src/memory/index.js";
import { ACCOUNTS } from "#src/pool/quota.js";
import { BODY, payloadOf, poolKindOf, RUN, SLAB, typeOf, UNUSED } from "#src/pool/run-table.js";
import { blockOffset, SIZE_CLASSES, type SizeClass } from "#src/pool/size-classes.js";
import {
  accountOf,
  CACHED,
  DEPOT,
  FREE,
  HELD,
  kindOf,
  PARKED,
  SLACK_APART,
  slackOf,
  subjectOf,
  tagIndexOf,
} from "#src/pool/state-word.js";
import { tagUsage } from "#src/pool/tags.js";

/** A block that is not free. */
export interface AuditedBlock {
  readonly address: number;
  readonly kind: number;
  readonly bytes: number;
  readonly blockBytes: number;
  readonly tagIndex: number;
  readonly account: number;
  /** HELD, PARKED, CACHED or DEPOT. */
  readonly state: number;
}

/** What the audit found. */
export interface Audit {
  /** Sentences; empty when all holds. */
  readonly problems: readonly string[];
  readonly blocks: readonly AuditedBlock[];
  /** Chunks in use, by pool kind. */
  readonly chunks: readonly [number, number];
}

const IN_USE = new Set([HELD, PARKED, CACHED, DEPOT]);

/** Reads the whole pool of a region. */
export function auditPool(region: Region): Audit {
  return new PoolReading(region).read();
}

class PoolReading {
  readonly #region: Region;
  readonly #words: Int32Array;
  readonly #problems: string[] = [];
  readonly #blocks: AuditedBlock[] = [];
  readonly #chunks: [number, number] = [0, 0];

  constructor(region: Region) {
    this.#region = region;
    this.#words = region.words;
  }

  read(): Audit {
    const { chunkCapacity, runs } = this.#region.layout;
    for (let chunk = 0; chunk < chunkCapacity; ) {
      const entry = this.#words[runs + chunk] as number;
      const length = this.#readEntry(chunk, entry);
      this.#readBodies(chunk, length, entry);
      chunk += length;
    }
    this.#readCounts();
    this.#readTallies();
    this.#readQuotas();
    this.#readLocks();
    return { problems: this.#problems, blocks: this.#blocks, chunks: this.#chunks };
  }

  #expect(holds: boolean, problem: string): void {
    if (!holds && this.#problems.length < 20) this.#problems.push(problem);
  }

  /** Reads what begins at a chunk. Gives back its chunks. */
  #readEntry(chunk: number, entry: number): number {
    const kind = poolKindOf(entry);
    this.#expect(kind < POOL_KINDS, `chunk ${chunk} belongs to pool ${kind}`);
    switch (typeOf(entry)) {
      case SLAB:
        return this.#readSlab(chunk, kind, payloadOf(entry));
      case RUN:
        return this.#readRun(chunk, kind, payloadOf(entry));
      default:
        this.#expect(entry === UNUSED, `chunk ${chunk} has the entry ${entry.toString(16)}`);
        this.#expectStates(chunk, 1, new Set());
        return 1;
    }
  }

  #readBodies(chunk: number, length: number, entry: number): void {
    for (let back = 1; back < length; back++) {
      const body = this.#words[this.#region.layout.runs + chunk + back] as number;
      const fits =
        typeOf(body) === BODY && payloadOf(body) === back && poolKindOf(body) === poolKindOf(entry);
      this.#expect(fits, `chunk ${chunk + back} does not belong to chunk ${chunk}`);
    }
  }

  #readSlab(chunk: number, kind: number, slot: number): number {
    const { classMaps, classMapWords, slabMaps, slabMapWords } = this.#region.layout;
    const shape = SIZE_CLASSES[slot % CLASSES] as SizeClass | undefined;
    if (shape === undefined || slot % CLASSES === 0 || Math.floor(slot / CLASSES) !== kind) {
      this.#expect(false, `the slab at chunk ${chunk} of pool ${kind} has slot ${slot}`);
      return 1;
    }
    this.#chunks[kind as 0 | 1] += shape.chunks;
    const starts = new Set<number>();
    for (let block = 0; block < shape.blocks; block++) {
      const offset = blockOffset(slot % CLASSES, block);
      starts.add(offset / BLOCK_ALIGNMENT_BYTES);
      this.#readBlock(this.#byteOf(chunk) + offset, kind, slot, shape.blockBytes);
    }
    this.#expectStates(chunk, shape.chunks, starts);
    const map = slabMaps + chunk * slabMapWords;
    let mayHaveFree = false;
    for (let group = 0; group < slabMapWords; group++) {
      const bits = this.#words[map + group] as number;
      mayHaveFree ||= bits !== 0;
      const left = Math.max(0, Math.min(32, shape.blocks - group * 32));
      const legal = left === 32 ? -1 : (1 << left) - 1;
      this.#expect((bits & ~legal) === 0, `the slab at chunk ${chunk} shows blocks it has not`);
    }
    const classMap = this.#words[classMaps + slot * classMapWords + (chunk >>> 5)] as number;
    const isShown = (classMap & (1 << (chunk & 31))) !== 0;
    this.#expect(!mayHaveFree || isShown, `nobody finds the free blocks at chunk ${chunk}`);
    return shape.chunks;
  }

  #readBlock(address: number, kind: number, slot: number, blockBytes: number): void {
    const word = this.#words[this.#shadowOf(address)] as number;
    const state = kindOf(word);
    if (state === FREE) {
      this.#expect(subjectOf(word) === slot, `the free block at ${address} has another slot`);
    } else if (IN_USE.has(state)) {
      this.#readUse(address, kind, blockBytes, state);
    } else {
      this.#expect(false, `the block at ${address} has the state ${(word >>> 0).toString(16)}`);
    }
    const first = Math.floor(address / PAGE_BYTES);
    const last = Math.floor((address + blockBytes - 1) / PAGE_BYTES);
    const keepsPages = blockBytes < PAGE_BYTES ? first === last : address % PAGE_BYTES === 0;
    this.#expect(keepsPages, `the block at ${address} breaks the page rule`);
  }

  #readUse(address: number, kind: number, blockBytes: number, state: number): void {
    const shadow = this.#shadowOf(address);
    const bill = this.#words[shadow + 1] as number;
    const isApart = slackOf(bill) === SLACK_APART;
    const slack = isApart ? (this.#words[shadow + 3] as number) : slackOf(bill);
    this.#expect(slack >= 0 && slack < blockBytes, `the block at ${address} has slack ${slack}`);
    const bytes = blockBytes - slack;
    const [tagIndex, account] = [tagIndexOf(bill), accountOf(bill)];
    this.#blocks.push({ address, kind, bytes, blockBytes, tagIndex, account, state });
  }

  #readRun(chunk: number, kind: number, chunks: number): number {
    const address = this.#byteOf(chunk);
    const state = kindOf(this.#words[this.#shadowOf(address)] as number);
    this.#chunks[kind as 0 | 1] += chunks;
    this.#expect(chunks > 0, `the run at ${address} has no chunk`);
    this.#expect(IN_USE.has(state), `the run at ${address} is not held`);
    if (IN_USE.has(state)) this.#readUse(address, kind, chunks * CHUNK_BYTES, state);
    this.#expectStates(chunk, chunks, new Set([0]));
    return Math.max(1, chunks);
  }

  /** Only where a block starts may a shadow word look like a state: SW-1. */
  #expectStates(chunk: number, chunks: number, starts: ReadonlySet<number>): void {
    const { shadow, shadowWords } = this.#region.layout;
    const base = shadow + chunk * shadowWords;
    for (let at = 0; at < chunks * shadowWords; at++) {
      if ((this.#words[base + at] as number) < 0 && !starts.has(at)) {
        this.#expect(
          false,
          `no block starts at ${this.#byteOf(chunk) + at * 16}, but a state is there`,
        );
      }
    }
  }

  #readCounts(): void {
    for (const kind of [0, 1] as const) {
      const used = this.#words[HEADER.CHUNKS_USED + kind] as number;
      const limit = this.#words[HEADER.CHUNK_LIMIT + kind] as number;
      const peak = this.#words[HEADER.CHUNKS_PEAK + kind] as number;
      this.#expect(used === this.#chunks[kind], `pool ${kind} counts ${used} chunks, not its own`);
      this.#expect(used <= peak && peak <= limit, `pool ${kind}: ${used} <= ${peak} <= ${limit}`);
    }
  }

  #readTallies(): void {
    const held = new Map<number, { count: number; bytes: number }>();
    for (const { kind, bytes, tagIndex } of this.#blocks) {
      const sum = held.get(tagIndex * 2 + kind) ?? { count: 0, bytes: 0 };
      held.set(tagIndex * 2 + kind, { count: sum.count + 1, bytes: sum.bytes + bytes });
    }
    for (let at = 0; at < TAGS_MAX * 2; at++) {
      const { tag, allocs, frees, bytes } = tagUsage(this.#region, at >>> 1, at & 1);
      const real = held.get(at) ?? { count: 0, bytes: 0 };
      const agrees = ((allocs - frees) | 0) === real.count && bytes === real.bytes >>> 0;
      const said = `${(allocs - frees) | 0} blocks, ${bytes} bytes`;
      const found = `${real.count} blocks, ${real.bytes} bytes`;
      this.#expect(agrees, `tag 0x${tag.toString(16)} of pool ${at & 1}: ${said}, but ${found}`);
    }
  }

  #readQuotas(): void {
    const { threads, threadWords } = this.#region.layout;
    for (let account = 1; account <= ACCOUNTS; account++) {
      for (const kind of [0, 1]) {
        const own = this.#blocks.filter((one) => one.account === account && one.kind === kind);
        const real = own.reduce((sum, { bytes }) => sum + bytes, 0);
        const used = (this.#words[threads + account * threadWords + 16 + kind] as number) >>> 0;
        this.#expect(used === real, `account ${account} is charged ${used}, but holds ${real}`);
      }
    }
  }

  #readLocks(): void {
    for (const lock of ["RUN_LOCK", "SET_LOCK", "ROUTINE_LOCK"] as const) {
      this.#expect(this.#words[HEADER[lock]] === 0, `${lock} is held`);
    }
  }

  #byteOf(chunk: number): number {
    return this.#region.layout.dataByte + chunk * CHUNK_BYTES;
  }

  #shadowOf(address: number): number {
    const { shadow, dataByte } = this.#region.layout;
    return shadow + (address - dataByte) / BLOCK_ALIGNMENT_BYTES;
  }
}
