/**
 * A system on stage: its memory is the explorer's, with a few words of the scenario's own behind it.
 *
 * ```
 *   word 0                      pages          notes                          words
 *     +--------------------------+-------+------+------------------------------+
 *     | the region, to its limit | pages | mail | one holder for each 16 bytes |
 *     +--------------------------+-------+------+------------------------------+
 * ```
 *
 * *pages* is the size of the WebAssembly memory, which threads read and grow. *holders* says who holds
 * what: a scenario writes it when a block was given to it and before it gives it up, so a block that is
 * given to two threads shows at once.
 */
import type { Layout, Region } from "#src/memory/index.js";
import type { Pool } from "#src/pool/index.js";
import type { ThreadIdentity } from "#src/threads/index.js";
import { add, compareExchange, exchange, load, store } from "../explorer/door.js";
import { type Voice, wordsOf } from "../explorer/index.js";
import { WordNames } from "./names.js";
import type { Stage } from "./stage.js";

const PAGE_BYTES = 65_536;

/** Words of the handle that was sent: its place (0: none) and its generation. */
const MAIL_WORDS = 2;

/** What a system is made with. */
export interface MachineOptions {
  /** Capacity in threads. */
  readonly threads: number;
  /** Numbers that are taken: 1 to this; default: all. */
  readonly attached?: number;
  /** Chunks of nonpaged pool, and of paged pool; default of that: none. */
  readonly chunks: number;
  readonly pagedChunks?: number;
  /** Checked mode of the documented routines, and whether a bug check stops the machine. */
  readonly checked?: "goes on" | "stops";
  /** Chunks whose memory is there from the start; default: all. */
  readonly grown?: number;
}

const buffers = new Map<number, ArrayBuffer>();

/** A buffer of a size: for its length only. */
function bufferOf(bytes: number): ArrayBuffer {
  let buffer = buffers.get(bytes);
  if (buffer === undefined) {
    buffer = new ArrayBuffer(bytes);
    buffers.set(bytes, buffer);
  }
  return buffer;
}

/** One system on stage. */
export class Machine {
  readonly stage: Stage;
  readonly layout: Layout;
  readonly names: WordNames;
  /** Words of the region, and of everything. */
  readonly regionWords: number;
  readonly words: number;
  /** The first word that is the scenario's own. */
  readonly notes: number;
  readonly #options: MachineOptions;
  readonly #all: Int32Array;
  readonly #identities: ThreadIdentity[] = [];

  constructor(stage: Stage, options: MachineOptions) {
    this.stage = stage;
    this.#options = options;
    const chunks = options.chunks + (options.pagedChunks ?? 0);
    this.layout = stage.memory.layoutFor(options.threads, chunks);
    this.regionWords = this.layout.endByte / 4;
    this.notes = this.regionWords + 1 + MAIL_WORDS;
    this.words = this.notes + chunks * (PAGE_BYTES / 16);
    this.#all = wordsOf(bufferOf(this.words * 4));
    this.names = new WordNames(this.layout, this.regionWords);
  }

  /** Makes the system, with its threads attached. */
  prepare(): void {
    const { layout, stage } = this;
    const { HEADER, LAYOUT_VERSION, MAGIC } = stage.memory;
    const { threads, attached = threads, chunks, pagedChunks = 0, checked } = this.#options;
    const { grown = chunks + pagedChunks } = this.#options;
    store(this.#all, this.regionWords, layout.dataByte / PAGE_BYTES + grown);
    const { words } = this.region();
    store(words, HEADER.VERSION, LAYOUT_VERSION);
    store(words, HEADER.THREADS, threads);
    store(words, HEADER.CHUNKS, chunks + pagedChunks);
    store(words, HEADER.MAGIC, MAGIC);
    store(words, HEADER.CHUNK_LIMIT, chunks);
    store(words, HEADER.CHUNK_LIMIT + 1, pagedChunks);
    const { MODE_CHECKED, MODE_CONTINUE } = stage.wdk;
    const mode = { stops: MODE_CHECKED, "goes on": MODE_CHECKED | MODE_CONTINUE };
    if (checked !== undefined) store(words, HEADER.MODE, mode[checked]);
    const region = this.region();
    stage.list.createListSets(region);
    this.#identities.length = 0;
    for (let thread = 1; thread <= attached; thread++) {
      this.#identities.push(
        stage.threads.claimThread(region, { host: 100 + thread, ancestors: [] }),
      );
    }
  }

  /** A thread's views of the memory. */
  region(): Region {
    const { regionWords } = this;
    const all = this.#all;
    const memory = {
      get buffer(): ArrayBuffer {
        return bufferOf(load(all, regionWords) * PAGE_BYTES);
      },
      grow(pages: number): number {
        return add(all, regionWords, pages);
      },
    };
    const { Region } = this.stage.memory;
    return new Region(memory as unknown as WebAssembly.Memory, this.layout);
  }

  /** The memory itself, for a reader that knows nothing of doors. */
  rawRegion(words: Int32Array): Region {
    return { words, layout: this.layout } as Region;
  }

  /** A thread's pool. */
  poolOf(thread: number, region = this.region()): Pool {
    return new this.stage.pool.Pool(region, thread);
  }

  /** The identity of a thread: 1 is the first. */
  identityOf(thread: number): ThreadIdentity {
    return this.#identities[thread - 1] as ThreadIdentity;
  }

  /** Address in the data area. */
  address(offset: number): number {
    return this.layout.dataByte + offset;
  }

  #holder(address: number): number {
    return this.notes + ((address - this.layout.dataByte) >>> 4);
  }

  /** A block was given to the thread at a place of the plan. */
  hold(voice: Voice, place: number, address: number): void {
    const before = exchange(this.#all, this.#holder(address), place + 1);
    if (before === 0 || voice.isDead(before - 1)) return;
    const block = `block 0x${address.toString(16)}`;
    throw new Error(`${block} is thread ${before}'s and was given to thread ${place + 1} too`);
  }

  /**
   * How many blocks the threads hold that are alive. A block that a thread has sent may be another's that
   * died before it said so: of such senders only blocks count that the states say are theirs.
   */
  held(words: Int32Array, alive: readonly boolean[], senders: readonly boolean[]): number {
    const first = this.notes;
    const { HELD, kindOf, SHOWN, subjectOf } = this.stage.pool;
    let count = 0;
    for (let at = first; at < this.words; at++) {
      const holder = words[at] as number;
      if (holder === 0 || alive[holder - 1] !== true) continue;
      const state = words[this.layout.shadow + at - first] as number;
      const isInHands = kindOf(state) === HELD || kindOf(state) === SHOWN;
      if (senders[holder - 1] !== true || (isInHands && subjectOf(state) === holder)) count++;
    }
    return count;
  }

  /** The thread at a place of the plan has taken a block over by its handle, from whoever held it. */
  take(place: number, address: number): void {
    exchange(this.#all, this.#holder(address), place + 1);
  }

  /** The thread at a place of the plan is about to give a block up. */
  drop(place: number, address: number): void {
    if (this.giveUp(place, address)) return;
    throw new Error(`block 0x${address.toString(16)} was freed by who does not hold it`);
  }

  /** The same for a block that another thread may have taken: gives back whether it was still held. */
  giveUp(place: number, address: number): boolean {
    return compareExchange(this.#all, this.#holder(address), place + 1, 0) === place + 1;
  }

  /** Puts a handle where any thread can get it. */
  send(handle: number): void {
    store(this.#all, this.regionWords + 2, Math.floor(handle / 2 ** 28));
    store(this.#all, this.regionWords + 1, handle % 2 ** 28);
  }

  /** The handle that was sent, which others may get too; or null. */
  received(): number | null {
    const place = load(this.#all, this.regionWords + 1);
    return place === 0 ? null : place + load(this.#all, this.regionWords + 2) * 2 ** 28;
  }

  /** Gets the handle that was sent, once; or null. */
  receive(): number | null {
    const place = exchange(this.#all, this.regionWords + 1, 0);
    return place === 0 ? null : place + load(this.#all, this.regionWords + 2) * 2 ** 28;
  }
}
