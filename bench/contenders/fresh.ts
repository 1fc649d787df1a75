/**
 * What JavaScript has without a pool: a fresh object each time, which the collector finds some day.
 *
 * The last one made is kept in a field, or the engine would see that nobody looks at it and make none.
 */
import type { Family } from "./family.js";

function fresh<Item extends object>(name: string, create: (bytes: number) => Item): Family<Item> {
  return {
    name,
    open(bytes) {
      const kept: { last: Item } = { last: create(bytes) };
      return {
        take() {
          const item = create(bytes);
          kept.last = item;
          return item;
        },
        give() {},
        none: null,
      };
    },
  };
}

/** A small object: what a literal costs, whatever the size of the blocks it stands for. */
export interface Literal {
  next: Literal | null;
  value: number;
}

export const newUint8Array = (): Family<Uint8Array> =>
  fresh("new Uint8Array", (bytes) => new Uint8Array(bytes));
export const bufferAlloc = (): Family<Buffer> =>
  fresh("Buffer.alloc", (bytes) => Buffer.alloc(bytes));
export const bufferAllocUnsafe = (): Family<Buffer> =>
  fresh("Buffer.allocUnsafe", (bytes) => Buffer.allocUnsafe(bytes));
export const literals = (): Family<Literal> =>
  fresh("object literal", (bytes) => ({ next: null, value: bytes }));
