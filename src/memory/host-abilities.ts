/**
 * What this host offers of what the memory layer is built on, found out by trying: for `lookaside doctor`,
 * which must run where a system cannot.
 */
import { CHUNK_BYTES } from "../base/index.js";

/** What was found. A part that depends on a missing one is missing too. */
export interface HostAbilities {
  readonly littleEndian: boolean;
  readonly sharedArrayBuffer: boolean;
  readonly atomics: boolean;
  /** Whether this thread may block. */
  readonly wait: boolean;
  readonly waitAsync: boolean;
  readonly webAssembly: boolean;
  /** Atomic instructions, and vectors of 128 bits. */
  readonly atomicInstructions: boolean;
  readonly simd: boolean;
  /** The largest maximum of a shared memory that the host would reserve now; 0: none at all. */
  readonly sharedBytesMax: number;
}

/** Chunks of the largest memory that 32-bit addresses reach. */
const CHUNKS_MAX = 65_536;

const MODULE = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const TYPE_AND_FUNCTION = [0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00];

/** A shared memory of one page, and a function that loads a word of it: `i32.atomic.load`. */
const ATOMIC_LOAD = [
  ...MODULE,
  ...TYPE_AND_FUNCTION,
  ...[0x05, 0x04, 0x01, 0x03, 0x01, 0x01],
  ...[0x0a, 0x0b, 0x01, 0x09, 0x00, 0x41, 0x00, 0xfe, 0x10, 0x02, 0x00, 0x1a, 0x0b],
];

/** A function that fills a vector: `i8x16.splat`. */
const SPLAT = [
  ...MODULE,
  ...TYPE_AND_FUNCTION,
  ...[0x0a, 0x09, 0x01, 0x07, 0x00, 0x41, 0x00, 0xfd, 0x0f, 0x1a, 0x0b],
];

/** Tries everything. Reserves addresses for a moment, and no memory. */
export function hostAbilities(): HostAbilities {
  const sharedArrayBuffer = typeof SharedArrayBuffer === "function";
  const atomics = typeof Atomics === "object";
  const webAssembly = typeof WebAssembly === "object";
  return {
    littleEndian: new Uint8Array(Uint16Array.of(1).buffer)[0] === 1,
    sharedArrayBuffer,
    atomics,
    wait: sharedArrayBuffer && atomics && mayWait(),
    waitAsync: atomics && typeof Atomics.waitAsync === "function",
    webAssembly,
    atomicInstructions: webAssembly && WebAssembly.validate(Uint8Array.from(ATOMIC_LOAD)),
    simd: webAssembly && WebAssembly.validate(Uint8Array.from(SPLAT)),
    sharedBytesMax: sharedArrayBuffer && webAssembly ? largestMaximum() * CHUNK_BYTES : 0,
  };
}

function mayWait(): boolean {
  try {
    // The word is 0, not 1: where waiting is allowed this comes back at once.
    return Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1) === "not-equal";
  } catch {
    return false;
  }
}

function canReserve(maximum: number): boolean {
  try {
    const { buffer } = new WebAssembly.Memory({ initial: 1, maximum, shared: true });
    return (buffer as unknown) instanceof SharedArrayBuffer;
  } catch {
    return false;
  }
}

/** The most chunks that can be reserved, by halving; the whole is tried first, because it mostly works. */
function largestMaximum(): number {
  if (canReserve(CHUNKS_MAX)) return CHUNKS_MAX;
  let [works, fails] = [0, CHUNKS_MAX];
  while (fails - works > 1) {
    const middle = (works + fails) >>> 1;
    if (canReserve(middle)) works = middle;
    else fails = middle;
  }
  return works;
}
