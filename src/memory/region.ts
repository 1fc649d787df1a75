/**
 * One system's shared memory as one thread sees it: made once, or attached to, and grown on demand.
 */
import {
  CHUNK_BYTES,
  LookasideError,
  Observers,
  show,
  THREADS_MAX,
  WORD_BYTES,
} from "../base/index.js";
import { bindInterlocked, type Interlocked } from "./interlocked/interlocked.js";
import { HEADER, LAYOUT_VERSION, type Layout, layoutFor, MAGIC } from "./layout.js";
import { load, store, type Words, wordsOf } from "./words.js";

/** The memory, its map, and this thread's views of it. */
export class Region {
  readonly memory: WebAssembly.Memory;
  readonly layout: Layout;
  readonly interlocked: Interlocked;
  /** Who in this thread wants to hear of what its slow paths do. */
  readonly observers = new Observers();
  /**
   * All of the memory as words, as far as this thread has seen it grow. Bookkeeping is always inside;
   * for an address in the data area call {@link Region.cover} first.
   */
  words: Words;
  /** The same as bytes. */
  bytes: Uint8Array<SharedArrayBuffer>;

  constructor(memory: WebAssembly.Memory, layout: Layout) {
    const buffer = memory.buffer as unknown as SharedArrayBuffer;
    this.memory = memory;
    this.layout = layout;
    this.interlocked = bindInterlocked(memory);
    this.words = wordsOf(buffer);
    this.bytes = new Uint8Array(buffer);
  }

  /**
   * Makes the views reach the byte before `end`, if the memory does.
   * Old views stay valid on their range: growing never moves shared memory.
   */
  cover(end: number): boolean {
    if (this.#look(end)) return true;
    if (end > this.layout.endByte) return false;
    // V8 tells a thread of what another one has grown by an interrupt, which may come after the word that
    // published an address there. Growing by nothing asks for the length as it is.
    try {
      this.memory.grow(0);
    } catch {
      return false;
    }
    return this.#look(end);
  }

  /** The same, as far as this thread has been told of growth. */
  #look(end: number): boolean {
    if (end <= this.bytes.length) return true;
    const buffer = this.memory.buffer as unknown as SharedArrayBuffer;
    if (buffer.byteLength > this.bytes.length) {
      this.words = wordsOf(buffer);
      this.bytes = new Uint8Array(buffer);
    }
    return end <= this.bytes.length;
  }

  /**
   * Grows the memory until it reaches the byte before `end`. Callers hold the run lock.
   * Gives back false when the host refuses. About 1.5 µs.
   */
  grow(end: number): boolean {
    if (this.#look(end)) return true;
    const missing = Math.ceil((end - this.bytes.length) / CHUNK_BYTES);
    const room = (this.layout.endByte - this.bytes.length) / CHUNK_BYTES;
    // A sixteenth of what there is, at least 1 MiB: fewer calls, and never more than the limit.
    const generous = Math.max(missing, 16, this.bytes.length / CHUNK_BYTES / 16);
    for (const chunks of [Math.min(room, Math.ceil(generous)), missing]) {
      try {
        this.memory.grow(chunks);
        return this.#look(end);
      } catch {
        // The host has no more: try the least that would do, then report it as exhausted memory.
      }
    }
    return false;
  }
}

/**
 * Makes the memory of a new system.
 * @throws {LookasideError} ERR_NO_SHARED_MEMORY, ERR_MEMORY, or ERR_OPTION when the limits do not fit.
 */
export function createRegion(threadCapacity: number, chunkCapacity: number): Region {
  const layout = layoutFor(threadCapacity, chunkCapacity);
  if (typeof WebAssembly !== "object") {
    throw new LookasideError(
      "ERR_NO_SHARED_MEMORY",
      "Cannot create a system: this host has no WebAssembly",
    );
  }
  let memory: WebAssembly.Memory;
  try {
    memory = new WebAssembly.Memory({
      initial: layout.dataByte / CHUNK_BYTES,
      maximum: layout.endByte / CHUNK_BYTES,
      shared: true,
    });
  } catch (cause) {
    throw refusal(layout.endByte, cause);
  }
  const region = new Region(memory, layout);
  store(region.words, HEADER.VERSION, LAYOUT_VERSION);
  store(region.words, HEADER.THREADS, threadCapacity);
  store(region.words, HEADER.CHUNKS, chunkCapacity);
  writeSystemId(region.words);
  store(region.words, HEADER.MAGIC, MAGIC); // last: what has the magic is complete
  return region;
}

/** What a host that gives no memory is asked next: whether it ever gives a shared one. */
function refusal(bytes: number, cause: unknown): LookasideError {
  if (offersSharedMemory()) {
    const message = `Cannot create a shared memory of up to ${bytes} bytes: the host refused it`;
    return new LookasideError("ERR_MEMORY", message, { cause });
  }
  const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
  const why = crossOriginIsolated === false ? "; the page is not cross-origin isolated" : "";
  const message = `Cannot create a system: this host offers no shared WebAssembly memory${why}`;
  return new LookasideError("ERR_NO_SHARED_MEMORY", message, { cause });
}

function offersSharedMemory(): boolean {
  try {
    return isShared(new WebAssembly.Memory({ initial: 0, maximum: 1, shared: true }).buffer);
  } catch {
    return false;
  }
}

/** Ids of this thread that were made of the time. */
let timedIds = 0;

/**
 * Locks of two systems with one id would be taken for each other. A worklet has no random numbers, and no
 * locks either: there time and count do.
 */
function writeSystemId(words: Words): void {
  const { crypto } = globalThis as { crypto?: Crypto };
  const id = crypto?.getRandomValues(new Int32Array(4)) ?? [Date.now() | 0, ++timedIds];
  id.forEach((word, at) => {
    store(words, HEADER.SYSTEM_ID + at, word);
  });
}

/**
 * Looks at a memory that came from elsewhere and gives this thread its views of it.
 * @throws {LookasideError} ERR_TICKET when it holds no system, ERR_LAYOUT_VERSION when it holds
 * another layout.
 */
export function attachRegion(memory: unknown): Region {
  if (!(memory instanceof WebAssembly.Memory) || !isShared(memory.buffer)) {
    throw new LookasideError(
      "ERR_TICKET",
      `Cannot attach to ${show(memory)}: it is no shared WebAssembly.Memory`,
    );
  }
  const buffer = memory.buffer as unknown as SharedArrayBuffer;
  const least = (HEADER.CHUNKS + 1) * WORD_BYTES;
  const words = wordsOf(buffer);
  if (buffer.byteLength < least || load(words, HEADER.MAGIC) !== MAGIC) {
    throw new LookasideError("ERR_TICKET", "Cannot attach: the memory holds no lookaside system");
  }
  const version = load(words, HEADER.VERSION);
  if (version !== LAYOUT_VERSION) {
    const message = `Cannot attach to layout version ${version}: this library has ${LAYOUT_VERSION}`;
    throw new LookasideError("ERR_LAYOUT_VERSION", message);
  }
  const threads = load(words, HEADER.THREADS);
  const chunks = load(words, HEADER.CHUNKS);
  if (threads < 1 || threads > THREADS_MAX || chunks < 1 || chunks > 65_536) {
    throw new LookasideError("ERR_TICKET", "Cannot attach: the header of the memory is damaged");
  }
  const layout = layoutOf(threads, chunks);
  if (buffer.byteLength < layout.dataByte) refuseCut("its header says");
  const region = new Region(memory, layout);
  if (!region.cover(endInUse(region))) refuseCut("its run table says");
  return region;
}

/** The end of the last chunk that the run table calls used: such a chunk was grown before it was used. */
function endInUse({ words, layout }: Region): number {
  let chunk = layout.chunkCapacity;
  while (chunk > 0 && load(words, layout.runs + chunk - 1) === 0) chunk--;
  return layout.dataByte + chunk * CHUNK_BYTES;
}

function refuseCut(what: string): never {
  throw new LookasideError("ERR_TICKET", `Cannot attach: the memory is smaller than ${what}`);
}

/** The map that a header asks for: what no system can be made with was not written by one. */
function layoutOf(threads: number, chunks: number): Layout {
  try {
    return layoutFor(threads, chunks);
  } catch (cause) {
    const message = "Cannot attach: the header of the memory is damaged";
    throw new LookasideError("ERR_TICKET", message, { cause });
  }
}

function isShared(buffer: ArrayBufferLike): boolean {
  return Object.prototype.toString.call(buffer) === "[object SharedArrayBuffer]";
}
