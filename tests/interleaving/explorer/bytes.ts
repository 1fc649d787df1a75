/**
 * A view of bytes whose accesses go through the door, for code that looks at memory byte by byte.
 *
 * A byte is looked at by a plain read of its word, and bytes are filled by plain writes of whole words: so a
 * race of two bytes is one of their words. Single bytes cannot be written.
 */
import { peek, poke, wordsOf } from "./door.js";

/** What a view of bytes can do on stage. */
export interface StagedBytes {
  readonly length: number;
  readonly [at: number]: number;
  fill(value: number, from: number, to: number): void;
  subarray(from: number, to: number): Uint8Array;
}

/** Names of what is no own property of a view come here: those that are numbers are bytes. */
const BYTES = new Proxy(
  {},
  {
    get(_target, name, view: StagedBytes) {
      const at = typeof name === "string" ? Number(name) : Number.NaN;
      if (!Number.isInteger(at)) return undefined;
      if (at < 0 || at >= view.length) return undefined;
      return (peek(wordsFor(view), at >>> 2) >>> ((at & 3) * 8)) & 0xff;
    },
  },
);

const views = new Map<number, StagedBytes>();
const words = new WeakMap<StagedBytes, Int32Array>();

function wordsFor(view: StagedBytes): Int32Array {
  return words.get(view) as Int32Array;
}

function fill(this: StagedBytes, value: number, from: number, to: number): void {
  if (((from | to) & 3) !== 0) throw new Error(`bytes ${from} to ${to} are not whole words`);
  const word = Math.imul(value & 0xff, 0x0101_0101);
  for (let at = from >>> 2; at < to >>> 2; at++) poke(wordsFor(this), at, word);
}

/** A view: only its length matters, for the bytes are the explorer's. What is cut out of it leads nowhere. */
export function bytesOf(buffer: ArrayBufferLike): StagedBytes {
  let view = views.get(buffer.byteLength);
  if (view === undefined) {
    const plain = new Uint8Array(buffer);
    view = Object.freeze(
      Object.assign(Object.create(BYTES), {
        length: buffer.byteLength,
        fill,
        subarray: (from: number, to: number) => plain.subarray(from, to),
      }),
    ) as StagedBytes;
    words.set(view, wordsOf(buffer));
    views.set(buffer.byteLength, view);
  }
  return view;
}
